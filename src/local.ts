import { compile } from "./config/compile.ts";
import type { Diagnostic, Severity } from "./config/diagnostic.ts";
import { readSources } from "./config/source.ts";
import { err, ok, type Result } from "./core/result.ts";
import type { RequestRow } from "./domain/journal.ts";
import type { Snapshot } from "./domain/snapshot.ts";
import { assemble } from "./gateway/assemble.ts";
import type { Gateway } from "./gateway/gateway.ts";
import { liveOf, Pointer } from "./gateway/live.ts";
import { Vault } from "./gateway/upstream/vault.ts";
import { Lessons } from "./limits/learn.ts";
import { Ledger } from "./limits/ledger.ts";
import { Health } from "./resilience/health.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { transportFor } from "./runtime/transports.ts";
import { version } from "./version.ts";

/** A gateway for one command: it listens nowhere, writes nothing down, and asks nobody for a key. */
export interface Local {
  readonly snapshot: Snapshot;
  readonly vault: Vault;
  readonly gateway: Gateway;
  readonly close: () => void;
}

/** What it is made from. */
export interface Origin {
  /** Path of the root file. */
  readonly config: string;
  readonly secretsDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What an unset `${NAME}` is: an error to whoever calls providers, a warning to whoever only looks. */
  readonly unset: Severity;
  /** Told of every request when it has ended. */
  readonly onEnd?: (row: RequestRow) => void;
}

/** Composition root of the commands that need no server. A secret that is missing refuses nothing: its provider is passed over. */
export async function openLocal(origin: Origin): Promise<Result<Local, readonly Diagnostic[]>> {
  const { config, secretsDir, environment, unset, onEnd = () => {} } = origin;
  const sources = await readSources(config);
  if (!sources.ok) return sources;
  const compiled = compile(sources.value, { engine: version, variables: environment, unset });
  if (!compiled.ok) return err(compiled.diagnostics);
  const { snapshot } = compiled;
  const vault = new Vault(environment, secretsDir);
  const transport = transportFor(environment, () => {});
  const everyone = { open: true, find: () => null };
  const gateway = assemble({
    pointer: new Pointer(liveOf(snapshot, everyone, 0)),
    vault,
    transport,
    clock,
    ledger: new Ledger(),
    health: new Health(),
    lessons: new Lessons(),
    most: Number.POSITIVE_INFINITY,
    onEnd,
    onInteraction: () => {},
  });
  return ok({ snapshot, vault, gateway, close: () => transport.close() });
}
