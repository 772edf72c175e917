import { join } from "node:path";
import { type Diagnostic, diagnostic } from "./config/diagnostic.ts";
import { topOf } from "./config/tree.ts";
import type { HookFacts } from "./http/hooks.ts";
import { commitStatusOf } from "./rollout/commit_status.ts";
import type { Control } from "./rollout/control.ts";
import { fileSource } from "./rollout/file_source.ts";
import { gitSourceOf } from "./rollout/git/source.ts";
import type { RolloutListener } from "./rollout/open.ts";
import type { Desk } from "./rollout/propose/desk.ts";
import { fileDesk } from "./rollout/propose/file_desk.ts";
import { gitDesk } from "./rollout/propose/git_desk.ts";
import type { SystemLog } from "./rollout/report.ts";
import type { Origin, Source } from "./rollout/source.ts";
import type { Clock } from "./runtime/clock.ts";
import type { Settings } from "./settings.ts";

/** Where routes.yaml comes from: exactly one source. */
export interface Followed {
  readonly source: Source;
  readonly kind: Origin["kind"];
  readonly desk: Desk;
  /** Told how commits fare, where the settings name a forge. */
  readonly listener?: RolloutListener;
  readonly hooks: HookFacts;
  /** Why there is nothing to serve, where the source was never heard. */
  readonly silence: () => readonly Diagnostic[];
}

/** What a source is made from. */
export interface FollowedParts {
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly control: Control;
  readonly log: SystemLog;
  readonly clock: Clock;
}

/** The source that the settings name: a repository, where there is one, or else the file of CONFIG. */
export function followedBy({ settings, environment, control, log, clock }: FollowedParts): Followed {
  const { config, dataDir, git, forge } = settings;
  if (git === null) {
    const hooks = { secret: null, ref: "", look: () => {} };
    const source = fileSource(config, clock);
    return { source, kind: "file", desk: fileDesk(config), hooks, silence: () => [] };
  }
  const origin = control.remembered.lastKnownGood?.origin;
  const source = gitSourceOf({
    settings: git,
    directory: join(dataDir, "git"),
    environment,
    lastAccepted: origin?.kind === "git" ? origin : null,
    clock,
    chance: Math.random,
  });
  const message = () => `${git.address.url} cannot be followed. ${source.sync().reason ?? ""}`.trim();
  return {
    source,
    kind: "git",
    desk: gitDesk({ settings: git, directory: join(dataDir, "propose"), environment }),
    ...(forge === null ? {} : { listener: commitStatusOf({ forge, log, clock }) }),
    hooks: { secret: git.webhookSecret, ref: git.ref.full, look: source.hurry },
    silence: () => [diagnostic("bad_include", topOf(git.path), message())],
  };
}
