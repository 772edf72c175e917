import type { TargetResult } from "../../gateway/probe/probe.ts";
import type { ModelVerdict, Verdict } from "../../gateway/probe/verdict.ts";
import type { Paint, Style } from "../shell.ts";
import { cut, table } from "../table.ts";

const longestDetail = 100;

const colours: Readonly<Record<Verdict, Style>> = { ok: "green", failed: "red", skipped: "dim" };

/** A row for each target of each model, and the sum of it. */
export function printVerdicts(models: readonly ModelVerdict[], paint: Paint): string {
  if (models.length === 0) return "The file has no visible model to probe.";
  const rows = models.flatMap(({ model, targets }) =>
    targets.map((target, index) => [
      index === 0 ? paint("bold", model) : "",
      `${target.provider}/${target.model}`,
      paint(colours[target.verdict], target.verdict),
      target.latency_ms === null ? "" : time(target.latency_ms),
      detailOf(target),
    ]),
  );
  return `${table(["MODEL", "TARGET", "RESULT", "TIME", "DETAIL"], rows, paint)}\n\n${summary(models)}`;
}

/** One result in a few words, as `ok 141 ms` or `rate_limited 429: slow down`. */
export const showResult = (result: TargetResult): string =>
  result.ok ? `ok ${time(result.latency_ms ?? 0)}` : detailOf(result);

function detailOf({ error, reply, latency_ms }: TargetResult): string {
  if (error === null) return cut(reply ?? "", longestDetail);
  const kind = error.status === null ? error.kind : `${error.kind} ${error.status}`;
  const words = latency_ms === null ? [error.message] : [kind, error.message];
  return cut(words.filter((word) => word !== "").join(": "), longestDetail);
}

function summary(models: readonly ModelVerdict[]): string {
  const count = (wanted: Verdict) => models.filter(({ verdict }) => verdict === wanted).length;
  const told = (["failed", "skipped"] as const).filter((verdict) => count(verdict) > 0);
  const answering = `${count("ok")} of ${models.length} model${models.length === 1 ? "" : "s"} answered`;
  return [answering, ...told.map((verdict) => `${count(verdict)} ${verdict}`)].join(", ");
}

/** `141 ms`, `2.3 s`. */
const time = (ms: number): string => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`);
