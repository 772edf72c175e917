import { isRecord } from "../core/record.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { DurationMs } from "../core/units.ts";
import { callAdmin, notOurs, ofServer, serverIn } from "./admin_call.ts";
import { exit } from "./exit.ts";
import { type Form, misused, readWords, type Words } from "./form.ts";
import { printable, processShell, type Shell } from "./shell.ts";
import { isTrouble, textAt } from "./status/told.ts";

/** An order to a running gateway: its words, and what they are in the body of the request. */
interface Order extends Pick<Form, "name" | "operands" | "most" | "says"> {
  readonly flags?: Form["flags"];
  readonly options?: Form["options"];
  readonly body: (words: Words) => Result<object, string>;
  /** Whether a source that was refused, or not reached, makes a failure of it. */
  readonly isCheck?: boolean;
}

/** A look at a repository may take two deadlines of git. */
const patienceMs: DurationMs = 120_000;

/** Makes the command of an order: sends it, tells what was done, and ends with 5 where the state does not allow it. */
const command =
  ({ body, isCheck = false, flags = {}, options = {}, ...about }: Order) =>
  async (args: readonly string[], shell: Shell = processShell()): Promise<number> => {
    const form: Form = {
      ...about,
      flags: { ...flags, json: "as JSON: {message, status}" },
      options: { ...options, reason: ["TEXT", "why; it is recorded"], ...ofServer },
    };
    const words = await readWords(form, args, shell);
    if (!words.ok) return words.error;
    const said = body(words.value);
    if (!said.ok) return misused(form, shell, said.error);
    const reason = words.value.value("reason");
    const asked = { ...said.value, ...(reason === undefined ? {} : { reason }) };
    const path = `/admin/api/${about.name}`;
    const answer = await callAdmin(serverIn(words.value, shell), path, shell, asked, patienceMs);
    if (!answer.ok) return failed(answer.error, shell);
    const told = answer.value.body;
    if (!isRecord(told) || typeof told["message"] !== "string")
      return failed(notOurs(answer.value.origin, 200), shell);
    const text = words.value.has("json") ? JSON.stringify(told, null, 2) : printable(told["message"]);
    await shell.out.write(`${text}\n`);
    return isCheck && isUntaken(told["status"]) ? exit.failed : exit.ok;
  };

const isUntaken = (status: unknown): boolean =>
  isTrouble(status) || ["failing", "refused"].includes(textAt(status, "sync", "state"));

async function failed({ message, code }: { readonly message: string; readonly code: number }, shell: Shell) {
  await shell.err.write(`${printable(message)}\n`);
  return code;
}

/** A number of a generation, under the name that the body has for it; nothing where it was not given. */
function numbered(name: string, text: string | undefined): Result<object, string> {
  if (text === undefined) return ok({});
  return /^[1-9]\d{0,8}$/.test(text)
    ? ok({ [name]: Number(text) })
    : err(`${JSON.stringify(text)} is no number of a generation.`);
}

function thing({ operands }: Words): Result<{ readonly kind: string; readonly name: string }, string> {
  const [kind, name] = operands;
  return kind === undefined || name === undefined
    ? err("Say what: a KIND (provider, target, model or key) and its NAME.")
    : ok({ kind, name });
}

const lasting = (words: Words): { readonly for?: string } => {
  const time = words.value("for");
  return time === undefined ? {} : { for: time };
};
const forTime = { for: ["TIME", "how long, such as 2h; default until somebody ends it"] } as const;
const kinds = "A provider, a target (as provider/model), a model or a key";

/** Every order, by its name. */
export const orders = {
  rollback: command({
    name: "rollback",
    operands: "",
    most: 0,
    says: [
      "Serves what was good before, or generation N, at once. What served is quarantined, and the source is followed on:",
      "the next different version is tried. During a canary it ends that. --to lifts a quarantine.",
    ].join("\n"),
    options: { to: ["N", "the generation to go back to"] },
    body: (words) => numbered("to", words.value("to")),
  }),
  promote: command({
    name: "promote",
    operands: "",
    most: 0,
    says: "Ends the canary as good: its generation serves everybody.",
    body: () => ok({}),
  }),
  pin: command({
    name: "pin",
    operands: "[GEN]",
    most: 1,
    says: "Keeps generation GEN serving, by default the active one, whatever the source says. A pin outranks everything.",
    body: ({ operands: [generation] }) => numbered("generation", generation),
  }),
  unpin: command({
    name: "unpin",
    operands: "",
    most: 0,
    says: "Ends a pin: the source is listened to again.",
    body: () => ok({}),
  }),
  suspend: command({
    name: "suspend",
    operands: "",
    most: 0,
    says: "Takes nothing from the source for a while; what serves, serves on.",
    options: forTime,
    body: (words) => ok(lasting(words)),
  }),
  resume: command({
    name: "resume",
    operands: "",
    most: 0,
    says: "Ends a suspension.",
    body: () => ok({}),
  }),
  sync: command({
    name: "sync",
    operands: "",
    most: 0,
    says: "Looks at the source now. Exit 1 where it cannot be reached, or what it says is refused.",
    flags: { force: "also while suspended, once; and lift the quarantine of what the source says" },
    body: (words) => ok({ force: words.has("force") }),
    isCheck: true,
  }),
  disable: command({
    name: "disable",
    operands: "KIND NAME",
    most: 2,
    says: `${kinds} is taken away at once, without the file. It survives reloads and restarts.`,
    options: forTime,
    body: (words) => {
      const what = thing(words);
      return what.ok ? ok({ ...what.value, ...lasting(words) }) : what;
    },
  }),
  enable: command({
    name: "enable",
    operands: "KIND NAME",
    most: 2,
    says: `${kinds} that was taken away is given back.`,
    body: thing,
  }),
} as const;
