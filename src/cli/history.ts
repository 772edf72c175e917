import { callAdmin, notOurs, ofServer, serverIn } from "./admin_call.ts";
import { exit } from "./exit.ts";
import { type Form, misused, readWords } from "./form.ts";
import { type Paint, printable, processShell, type Shell } from "./shell.ts";
import { at, listAt, textAt } from "./status/told.ts";
import { cut, table } from "./table.ts";

const form: Form = {
  name: "history",
  operands: "",
  most: 0,
  says: "The generations of a running gateway, the newest first: whence, whose, what became of each, and what it served.",
  flags: { json: "as JSON" },
  options: { limit: ["N", "at most so many; default 20, at most 200"], ...ofServer },
};

/** `history`: which configuration served when, and why it came and went. */
export async function history(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const limit = words.value.value("limit") ?? "20";
  if (!/^[1-9]\d{0,2}$/.test(limit))
    return misused(form, shell, "--limit has to be a whole number from 1 to 200.");
  const answer = await callAdmin(serverIn(words.value, shell), `/admin/api/history?limit=${limit}`, shell);
  const told = answer.ok && Array.isArray(at(answer.value.body, "generations")) ? answer.value : null;
  if (told === null) {
    const { message, code } = answer.ok ? notOurs(answer.value.origin, 200) : answer.error;
    await shell.err.write(`${message}\n`);
    return code;
  }
  const text = words.value.has("json")
    ? JSON.stringify(told.body, null, 2)
    : print(listAt(told.body, "generations"), shell.out.paint);
  await shell.out.write(`${text}\n`);
  return exit.ok;
}

const print = (generations: readonly unknown[], paint: Paint): string =>
  table(
    ["GEN", "STATE", "DIGEST", "FROM", "AUTHOR", "ACTIVE SINCE", "REQUESTS", "WHY"],
    generations.map((each) => [
      paint("bold", textAt(each, "generation")),
      inColour(textAt(each, "state"), paint),
      textAt(each, "digest").slice(0, 8),
      fromWords(each),
      cut(textAt(each, "author").replace(/ <.*>$/, ""), 24),
      textAt(each, "active_at").slice(0, 19).replace("T", " "),
      textAt(each, "requests"),
      whyWords(each),
    ]),
    paint,
  );

function inColour(state: string, paint: Paint): string {
  if (state === "active" || state === "canary") return paint("green", state);
  return state === "rejected" || state === "quarantined" ? paint("red", state) : printable(state);
}

const fromWords = (each: unknown): string => {
  const sha = textAt(each, "git_sha");
  return sha === ""
    ? cut(textAt(each, "path").split("/").at(-1) ?? "", 30)
    : `git ${cut(sha.slice(0, 8), 8)}`;
};

function whyWords(each: unknown): string {
  const reason = textAt(each, "reason");
  if (reason !== "") return cut(reason, 60);
  if (textAt(each, "state") !== "rejected") return "";
  const errors = textAt(each, "errors");
  return `${errors} error${errors === "1" ? "" : "s"} at ${cut(textAt(each, "stage"), 20)}`;
}
