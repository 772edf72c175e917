import { isRecord } from "../core/record.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { DurationMs } from "../core/units.ts";
import { settingOf } from "../settings.ts";
import { exit } from "./exit.ts";
import type { Form, Words } from "./form.ts";
import type { Shell } from "./shell.ts";

/** How long a gateway may take to answer, unless it is asked for something long. */
const usualMs: DurationMs = 10_000;

/** What a running gateway told. */
export interface Told {
  /** The JSON of a 200. */
  readonly body: unknown;
  /** Of the gateway, for messages. */
  readonly origin: string;
}

/** Why there is nothing: a sentence, and the exit code that it means. */
export interface NotTold {
  readonly message: string;
  readonly code: number;
}

/** Asks the admin API of a running gateway, with the setting ADMIN_KEY: a GET, or with something to say a POST. */
export async function callAdmin(
  address: string,
  path: string,
  { environment }: Shell,
  said?: object,
  patienceMs: DurationMs = usualMs,
): Promise<Result<Told, NotTold>> {
  const url = locate(address, path);
  if (url === null) return nothing(`${JSON.stringify(address)} is no address of a gateway.`, exit.usage);
  const key = settingOf("ADMIN_KEY", undefined, environment);
  const { origin } = url;
  const answer = await fetch(url, {
    method: said === undefined ? "GET" : "POST",
    headers: {
      "content-type": "application/json",
      ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
    },
    ...(said === undefined ? {} : { body: JSON.stringify(said) }),
    // The key goes to the address that was named, and to no other.
    redirect: "manual",
    signal: AbortSignal.timeout(patienceMs),
  }).then(
    async (response) => ({ status: response.status, body: await bodyOf(response) }),
    () => null,
  );
  if (answer === null) return nothing(`No gateway can be reached at ${origin}.`, exit.unreachable);
  if (answer.status === 200) return ok({ body: answer.body, origin });
  const message = messageIn(answer.body);
  if (answer.status === 401 || answer.status === 403)
    return nothing(shutOut(origin, answer.status, message, key), exit.usage);
  const code = meanings[answer.status];
  return code !== undefined && message !== null
    ? nothing(message, code)
    : err(notOurs(origin, answer.status));
}

/** What a refusal with a sentence of its own means to whoever ran the command. */
const meanings: Readonly<Record<number, number>> = { 400: exit.usage, 404: exit.usage, 409: exit.refused };

/** How the gateway to ask is named; by default it is the one that the settings of this place would start. */
export const ofServer = {
  server: ["URL", "the running gateway, asked with the setting ADMIN_KEY; default that of HOST and PORT"],
} as const satisfies Form["options"];

/** The address that {@link ofServer} means. */
export function serverIn(words: Words, { environment }: Shell): string {
  const host = settingOf("HOST", undefined, environment).replace(/^\[|\]$/g, "");
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const name = reachable.includes(":") ? `[${reachable}]` : reachable;
  return words.value("server") ?? `http://${name}:${settingOf("PORT", undefined, environment)}`;
}

/** The answer of something that is no gateway, or one of another version. */
export const notOurs = (origin: string, status: number): NotTold => ({
  message: `${origin} answers ${status}, not as a gateway of this version does.`,
  code: exit.unreachable,
});

const nothing = (message: string, code: number): Result<never, NotTold> => err({ message, code });

function shutOut(origin: string, status: number, message: string | null, key: string): string {
  const advice =
    key === "" ? "set ADMIN_KEY to the key of its admin API" : "ADMIN_KEY is not one that it accepts";
  return `The gateway at ${origin} answers ${status}: ${status === 403 && message !== null ? message : `${advice}.`}`;
}

/** Credentials in an address would end up in messages. */
function locate(address: string, path: string): URL | null {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return null;
  const { username, password, origin, pathname } = new URL(address);
  return username !== "" || password !== ""
    ? null
    : new URL(`${origin}${pathname.replace(/\/+$/, "")}${path}`);
}

const bodyOf = (response: Response): Promise<unknown> => response.json().catch(() => null);

function messageIn(body: unknown): string | null {
  const error = isRecord(body) ? body["error"] : null;
  return isRecord(error) && typeof error["message"] === "string" ? error["message"] : null;
}
