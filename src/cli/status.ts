import { isRecord } from "../core/record.ts";
import { callAdmin, notOurs, ofServer, serverIn } from "./admin_call.ts";
import { exit } from "./exit.ts";
import { type Form, readWords } from "./form.ts";
import { processShell, type Shell } from "./shell.ts";
import { printStatus } from "./status/print.ts";
import { isTrouble } from "./status/told.ts";

const form: Form = {
  name: "status",
  operands: "",
  most: 0,
  says: [
    "What a running gateway serves, what its source last came to, and everything in which the two differ.",
    "Exit 1 when the source was refused, quarantined or not reached: usable as a probe.",
  ].join("\n"),
  flags: { json: "as JSON" },
  options: ofServer,
};

/** `status`: how things stand at a running gateway. */
export async function status(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const answer = await callAdmin(serverIn(words.value, shell), "/admin/api/status", shell);
  const told = answer.ok && isRecord(answer.value.body) ? answer.value : null;
  if (told === null) {
    const { message, code } = answer.ok ? notOurs(answer.value.origin, 200) : answer.error;
    await shell.err.write(`${message}\n`);
    return code;
  }
  const text = words.value.has("json")
    ? JSON.stringify(told.body, null, 2)
    : printStatus(told.body, Date.now(), shell.out.paint);
  await shell.out.write(`${text}\n`);
  return isTrouble(told.body) ? exit.failed : exit.ok;
}
