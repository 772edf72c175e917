import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SettingName } from "../../../src/domain/settings.ts";
import { type GitSettings, machineWith, readGitSettings } from "../../../src/rollout/git/settings.ts";
import { type GitSource, type GitSourceOptions, gitSourceOf } from "../../../src/rollout/git/source.ts";
import type { Origin, Reading } from "../../../src/rollout/source.ts";
import { settingOf } from "../../../src/settings.ts";
import type { ServedRepository } from "../../support/git_server.ts";

/** A clock that moves when told to. */
export function stoppedClock() {
  let now = Date.parse("2026-11-21T12:00:00Z");
  return {
    now: () => now,
    sleep: () => new Promise<void>(() => {}),
    advance: (ms: number) => {
      now += ms;
    },
  };
}

export type Given = Partial<Record<SettingName, string>>;

/** The settings of a repository, as they are read from the environment. */
export function settingsOf(repository: Pick<ServedRepository, "url">, set: Given = {}): GitSettings {
  const given: Given = { GIT_SYNC_REPO: repository.url, ...set };
  const settings = readGitSettings(
    (name) => settingOf(name, given[name], {}),
    machineWith(process.env["PATH"]),
  );
  if (!settings.ok || settings.value === null) throw new Error(settings.ok ? "no settings" : settings.error);
  return settings.value;
}

/** Follows a repository with these settings. */
export function follow(
  repository: Pick<ServedRepository, "url">,
  directory: string,
  set: Given = {},
  more: Partial<GitSourceOptions> = {},
): GitSource {
  return gitSourceOf({
    settings: settingsOf(repository, set),
    directory: join(directory, "git"),
    environment: process.env,
    lastAccepted: null,
    clock: stoppedClock(),
    chance: () => 0.5,
    ...more,
  });
}

/** What a look said, as short as it can be told. */
export function brief(reading: Reading) {
  if (reading.kind === "nothing") return "nothing";
  if (reading.kind === "refused") {
    const said = reading.diagnostics.map(({ code, file, message }) => `${code} ${file} ${message}`);
    return { refused: reading.stage, sha: reading.gitSha, said };
  }
  const { files, tests, origin } = reading.candidate;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    sha: shaOf(origin),
    files: Object.fromEntries(files.map(({ name, bytes }) => [name, text(bytes)])),
    tests: tests === null ? null : text(tests.bytes),
  };
}

export const shaOf = (origin: Origin) => (origin.kind === "git" ? origin.sha : null);

/** Looks once; `force` as `sync --force` does. */
export const look = async (source: GitSource, force = false) => brief(await source.read({ force }));

/** Looks, and takes the candidate for live. */
export async function accept(source: GitSource): Promise<string> {
  const reading = await source.read({ force: true });
  if (reading.kind !== "candidate") throw new Error(JSON.stringify([reading, source.sync()]));
  source.accepted(reading.candidate.origin);
  return shaOf(reading.candidate.origin) ?? "";
}

/** Every file below a directory with what is in it. */
export function everythingIn(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name} ${readFileSync(join(entry.parentPath, entry.name), "latin1")}`)
    .join("\n");
}

export function fileWith(directory: string, name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
