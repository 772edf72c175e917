import { readFileSync } from "node:fs";
import { join } from "node:path";
import { exit } from "../../src/cli/exit.ts";
import { risks } from "../../src/config/diff/change.ts";
import { isRecord } from "../../src/core/record.ts";
import { count } from "../../src/simulate/plan/words.ts";

type Saying = (code: number, artifacts: string, remarks: readonly string[]) => string | null;

/** What each command came to, in a few words, by the report that it has left among the artifacts; null: it has left none. */
export const sayings = {
  fmt: (code, _, remarks) =>
    code === exit.ok ? "in form" : remarks.length > 0 ? "not readable" : "not in form: `fmt` puts it right",
  validate: fromReport("validate.json", ({ diagnostics }) => {
    const severities = records(diagnostics).map(({ severity }) => severity);
    const of = (wanted: string) => severities.filter((severity) => severity === wanted).length;
    const told = [
      of("error") === 0 ? "" : count(of("error"), "error"),
      of("warning") === 0 ? "" : count(of("warning"), "warning"),
    ].filter((part) => part !== "");
    return told.join(", ") || "valid";
  }),
  test: fromReport("test.json", ({ passed, failed, coverage }) => {
    const share = isRecord(coverage) ? `, coverage ${Number(coverage["percent"]).toFixed(1)} %` : "";
    return `${passed} passed${failed === 0 ? "" : `, ${failed} failed`}${share}`;
  }),
  plan: fromReport("plan.json", ({ changes }) => {
    const classes = records(changes).map((change) => change["class"]);
    const told = Object.keys(risks).flatMap((risk) => {
      const number = classes.filter((each) => each === risk).length;
      return number === 0 ? [] : [`${number} ${risk}`];
    });
    return told.length === 0
      ? "no change in meaning"
      : `${count(classes.length, "change")}: ${told.join(", ")}`;
  }),
  replay: fromReport("replay.json", ({ requests, newly_refused, gate }) => {
    const verdict = isRecord(gate) ? `, gate ${gate["kind"]}` : "";
    return `${count(Number(requests), "request")}, ${newly_refused} newly refused${verdict}`;
  }),
} as const satisfies Readonly<Record<string, Saying>>;

function fromReport(name: string, say: (report: Readonly<Record<string, unknown>>) => string): Saying {
  return (_, artifacts) => {
    const report = readReport(join(artifacts, name));
    return report === null ? null : say(report);
  };
}

function readReport(path: string): Readonly<Record<string, unknown>> | null {
  try {
    const report: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isRecord(report) ? report : null;
  } catch {
    return null;
  }
}

const records = (list: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(list) ? list.filter(isRecord) : [];
