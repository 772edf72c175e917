import { existsSync } from "node:fs";
import { testChanges } from "../config/diff/guards.ts";
import { err, ok, type Result } from "../core/result.ts";
import { type Mix, mixOf } from "../metrics/mix.ts";
import { openSqlite } from "../runtime/sqlite.ts";
import { settingOf } from "../settings.ts";
import type { Planned } from "../simulate/plan/sections.ts";
import { planChange } from "../simulate/plan.ts";
import { exit } from "./exit.ts";
import { type Form, misused, readWords } from "./form.ts";
import { ofReports, outputsOf, writeOutputs } from "./outputs.ts";
import type { Compared } from "./plan/compared.ts";
import { planJson } from "./plan/json.ts";
import { planMarkdown } from "./plan/markdown.ts";
import { planPretty } from "./plan/pretty.ts";
import { type Format, formats, type RefusedSide, tellRefused } from "./plan/refused.ts";
import { readSide } from "./plan/side.ts";
import { type Paint, plain, processShell, type Shell } from "./shell.ts";

const form: Form = {
  name: "plan",
  operands: "BASE [HEAD]",
  most: 2,
  says: [
    "What a change of a routing file means, by name: each difference with its risk and both places, what models can take,",
    "who may ask for them, who answers in an outage, and what it costs. Nothing is changed and no secret is read.",
    "BASE and HEAD are files, git:REF (the same file in that commit), or the address of a running gateway, which is asked",
    "with ADMIN_KEY; HEAD is CONFIG, else routes.yaml, where it is not named.",
  ].join("\n"),
  flags: { "detailed-exitcode": "exit 2 when there are changes" },
  options: {
    format: [formats.join("|"), "how to tell; default pretty"],
    db: ["FILE", "a switchyard.sqlite, whose last day of traffic prices are weighed by"],
    ...ofReports,
  },
};

/** `plan BASE [HEAD]`: what is not the same in two configurations, and what that would do. */
export async function plan(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const { operands, has, value } = words.value;
  const said = value("format") ?? "pretty";
  const format = formats.find((each) => each === said);
  if (format === undefined) return misused(form, shell, `plan has no format ${JSON.stringify(said)}.`);
  const outputs = outputsOf(words.value, formats);
  if (!outputs.ok) return misused(form, shell, outputs.error);
  const [base, head = settingOf("CONFIG", undefined, shell.environment)] = operands;
  if (base === undefined) return misused(form, shell, "plan needs a BASE to compare with.");

  const [before, after] = await readBoth(base, head, shell);
  if (!before.ok || !after.ok) {
    const refused = [before, after].flatMap((side, index): readonly RefusedSide[] =>
      side.ok ? [] : [{ side: index === 0 ? "base" : "head", why: side.error }],
    );
    return tellRefused(refused, format, shell);
  }
  const mix = mixIn(value("db"));
  if (!mix.ok) {
    await shell.err.write(`${mix.error.message}\n`);
    return mix.error.code;
  }
  const planned = await compare(before.value, after.value, mix.value);
  await shell.out.write(`${render(planned, format, shell.out.paint)}\n`);
  const unwritten = await writeOutputs(outputs.value, (each) => render(planned, each, plain), shell);
  return unwritten ?? (has("detailed-exitcode") && planned.report.has_changes ? exit.changed : exit.ok);
}

/** `git:REF` means the file of the other side, where that is one. */
function readBoth(base: string, head: string, shell: Shell) {
  const isFile = (origin: string) => !/^(git:|https?:\/\/)/i.test(origin);
  const path = [head, base].find(isFile) ?? settingOf("CONFIG", undefined, shell.environment);
  return Promise.all([readSide(base, path, shell), readSide(head, path, shell)]);
}

async function compare(base: Compared, head: Compared, mix: Mix | null): Promise<Planned> {
  const { tests: before } = base;
  const { tests: after } = head;
  const guards = before === undefined || after === undefined ? [] : testChanges(before, after);
  return {
    base: labelOf(base),
    head: labelOf(head),
    report: await planChange(base, head, { mix, guards }),
  };
}

const labelOf = ({ label, commit, snapshot }: Compared) => ({ label, commit, digest: snapshot.digest });

function mixIn(
  file: string | undefined,
): Result<Mix | null, { readonly message: string; readonly code: number }> {
  if (file === undefined) return ok(null);
  if (!existsSync(file))
    return err({ message: `There is no file ${JSON.stringify(file)}.`, code: exit.usage });
  try {
    const sqlite = openSqlite(file, { readonly: true, busyMs: 5_000 });
    const mix = mixOf(sqlite);
    sqlite.close();
    return ok(mix);
  } catch {
    const message = `${JSON.stringify(file)} cannot be read as the database of a gateway's traffic.`;
    return err({ message, code: exit.unreachable });
  }
}

function render(planned: Planned, format: Format, paint: Paint): string {
  switch (format) {
    case "json":
      return planJson(planned);
    case "markdown":
      return planMarkdown(planned);
    case "pretty":
      return planPretty(planned, paint);
  }
}
