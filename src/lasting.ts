import { join } from "node:path";
import { type Followed, followedBy } from "./followed.ts";
import { Vault } from "./gateway/upstream/vault.ts";
import { Lessons } from "./limits/learn.ts";
import { Ledger } from "./limits/ledger.ts";
import { type Logs, openLogs } from "./logs/logs.ts";
import { Health } from "./resilience/health.ts";
import { type Control, openControl } from "./rollout/control.ts";
import { ServedBy } from "./rollout/served.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import type { Transport } from "./runtime/transport.ts";
import { transportFor } from "./runtime/transports.ts";
import type { Settings } from "./settings.ts";
import type { Telemetry } from "./telemetry/open.ts";

/** Variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What outlives every configuration. */
export interface Lasting {
  readonly settings: Settings;
  readonly startedAt: number;
  readonly vault: Vault;
  readonly logs: Logs;
  readonly control: Control;
  readonly ledger: Ledger;
  readonly health: Health;
  readonly lessons: Lessons;
  readonly transport: Transport;
  /** Requests by generation, until the next checkpoint has them. */
  readonly servedBy: ServedBy;
  /** Null where the environment asks for none. */
  readonly telemetry: Telemetry | null;
  readonly followed: Followed;
}

/** Bounds of the logs until the first configuration says its own. */
const untilConfigured = { maxFileBytes: 100 * 1024 * 1024, keepMs: 14 * 86_400_000 };

/** Opens what is there before the first configuration is read. */
export function openLasting(
  settings: Settings,
  environment: Environment,
  telemetry: Telemetry | null,
): Lasting {
  const startedAt = clock.now();
  const logs = openLogs({ dir: settings.logDir, level: settings.logLevel, stdout: true, ...untilConfigured });
  const report = (problem: string) => logs.system.error({}, problem);
  const control = openControl(join(settings.dataDir, "state.sqlite"), startedAt, report);
  return {
    settings,
    startedAt,
    logs,
    vault: new Vault(environment, settings.secretsDir),
    control,
    ledger: new Ledger(),
    health: new Health(),
    lessons: new Lessons(),
    transport: transportFor(environment, (warning) => logs.system.warn({}, warning)),
    servedBy: new ServedBy(),
    telemetry,
    followed: followedBy({ settings, environment, control, log: logs.system, clock }),
  };
}
