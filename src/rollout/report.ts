import type { Diagnostic } from "../config/diagnostic.ts";
import type { Attempted, Generation } from "./rollout.ts";

/** Where a look at the source is told: pino's form. */
export interface SystemLog {
  readonly info: (fields: Readonly<Record<string, unknown>>, message: string) => void;
  readonly error: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}

/** One line per look that changed something: which generation serves now, or what kept the new one out. */
export const reportTo =
  (log: SystemLog) =>
  ({ state, stage, diagnostics }: Attempted, active: Generation | null): void => {
    const serving = active === null ? {} : { generation: active.number, digest: active.snapshot.digest };
    if (state === "active")
      log.info({ ...serving, warnings: diagnostics.length }, "the configuration is live");
    else {
      const found = diagnostics.slice(0, 20).map(brief);
      log.error(
        { ...serving, stage, diagnostics: found },
        "the configuration was refused; the last good one serves on",
      );
    }
  };

const brief = ({ code, file, line, column, message }: Diagnostic) => ({
  code,
  at: `${file}:${line}:${column}`,
  message,
});
