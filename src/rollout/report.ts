import type { Diagnostic } from "../config/diagnostic.ts";
import type { AuditEntry } from "./audit.ts";
import type { Attempted, Generation, GenerationState } from "./generation.ts";

/** Where a look at the source is told: pino's form. */
export interface SystemLog {
  readonly info: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly error: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}

/** What is said of each end of a look, and whether somebody should mind. */
const words: Readonly<Record<GenerationState, readonly [level: "info" | "error", says: string]>> = {
  active: ["info", "the configuration is live"],
  canary: ["info", "the configuration is live for a part of the traffic"],
  held: ["info", "the configuration is good, and held back"],
  retired: ["info", "the configuration is out of service"],
  quarantined: ["error", "the configuration is quarantined; the last good one serves on"],
  rejected: ["error", "the configuration was refused; the last good one serves on"],
};

/** One line per look that came to something: which generation serves now, or what keeps the new one out. */
export const reportTo =
  (log: SystemLog) =>
  ({ generation, state, stage, reason, diagnostics }: Attempted, active: Generation | null): void => {
    const serving = active === null ? {} : { generation: active.number, digest: active.snapshot.digest };
    const other = generation === active?.number ? {} : { attempted: generation, stage };
    const why = reason === null ? {} : { reason };
    const found =
      state === "active"
        ? { warnings: diagnostics.length }
        : { diagnostics: diagnostics.slice(0, 20).map(brief) };
    const [level, says] = words[state];
    log[level]({ ...serving, ...other, ...why, ...found }, says);
  };

/** One line for everything that somebody asked for, done or not. */
export const reportOrders =
  (log: SystemLog) =>
  ({ who, action, detail }: AuditEntry): void =>
    log.info({ ...detail, who, action }, "somebody gave an order");

const brief = ({ code, file, line, column, message }: Diagnostic) => ({
  code,
  at: `${file}:${line}:${column}`,
  message,
});
