import { pino } from "pino";
import type { RequestRow } from "../domain/journal.ts";
import type { Logging } from "../domain/snapshot.ts";
import { type Interaction, type InteractionRules, packInteraction } from "./interaction.ts";
import { requestLine } from "./request_line.ts";
import type { LogBounds } from "./rotated_file.ts";
import { Sink } from "./sink.ts";

/** How severe a line must be to be written; `silent` writes none. */
export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes one line: the fields, then a sentence. */
export type LogLine = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** The system log by severity. */
export type SystemLog = Readonly<Record<Exclude<LogLevel, "silent">, LogLine>>;

/** The three logs of LOG_DIR. Nothing here throws or waits; lines are written by a thread of their own. */
export interface Logs {
  /** `system.log`, and `error.log` from `error` on. */
  readonly system: SystemLog;
  /** The line of one finished request; at `error` when it failed, else at `info`. */
  readonly request: (row: RequestRow) => void;
  /** One line of `interactions.log`, by `rules` or else by what `reconfigure` said last. */
  readonly interaction: (of: Interaction, rules?: InteractionRules) => void;
  /** Takes a new section `logging` over. */
  readonly reconfigure: (logging: Logging) => void;
  /** Resolves once all lines so far are written, or after 5 s when they cannot be. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
  /** Lines that were never written. */
  readonly dropped: () => number;
}

/** Where and how to log; the bounds hold until `reconfigure`, before which no interaction is logged. */
export interface LogsOptions extends LogBounds {
  /** LOG_DIR; made when it is missing. */
  readonly dir: string;
  readonly level: LogLevel;
  /** Whether the system log is shown on stdout too. */
  readonly stdout: boolean;
}

/** How pino begins a line that belongs in error.log too: we ask for nothing more severe. */
const errorStart = '{"level":"error"';

/** Opens the logs; the files themselves are opened by their thread. */
export function openLogs(options: LogsOptions): Logs {
  let rules: InteractionRules = { interactions: "off", redact: [] };
  const sink = new Sink({
    ...options,
    onLoss: () => system.error({ dir: options.dir }, "log lines cannot be written"),
  });
  const system = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => sink.line(line, line.startsWith(errorStart)) },
  );

  return {
    system: {
      trace: (fields, message) => system.trace(fields, message),
      debug: (fields, message) => system.debug(fields, message),
      info: (fields, message) => system.info(fields, message),
      warn: (fields, message) => system.warn(fields, message),
      error: (fields, message) => system.error(fields, message),
    },
    request: (row) => {
      const level = row.outcome === "error" ? "error" : "info";
      if (system.isLevelEnabled(level)) sink.line(requestLine(row, level), level === "error");
    },
    interaction: (of, own) => {
      const packed = packInteraction(of, own ?? rules);
      if (packed !== null) sink.interaction(packed);
    },
    reconfigure: (logging) => {
      rules = logging;
      sink.rebound({ maxFileBytes: logging.maxFileBytes, keepMs: logging.keepMs });
    },
    flush: () => sink.flush(),
    close: () => sink.close(),
    dropped: () => sink.dropped(),
  };
}
