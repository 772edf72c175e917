import { isRecord } from "../core/record.ts";
import { err, ok, type Result } from "../core/result.ts";
import { settingOf } from "../settings.ts";
import { exit } from "./exit.ts";
import type { Shell } from "./shell.ts";

/** How long a gateway may take to answer. */
const patienceMs = 10_000;

/** Why there is no answer: a sentence, and the exit code that it means. */
export interface NoAnswer {
  readonly message: string;
  readonly code: number;
}

/** Posts to the admin API of a running gateway, with the setting ADMIN_KEY; its JSON, when it was a 200. */
export async function postAdmin(
  address: string,
  path: string,
  body: object,
  { environment }: Shell,
): Promise<Result<unknown, NoAnswer>> {
  const url = locate(address, path);
  if (url === null) return none(`${JSON.stringify(address)} is no address of a gateway.`, exit.usage);
  const key = settingOf("ADMIN_KEY", undefined, environment);
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify(body),
    // The key goes to the address that was named, and to no other.
    redirect: "manual",
    signal: AbortSignal.timeout(patienceMs),
  }).then(
    async (response) => ({ status: response.status, body: await bodyOf(response) }),
    () => null,
  );
  if (answer === null) return none(`No gateway can be reached at ${url.origin}.`, exit.unreachable);
  if (answer.status === 200) return ok(answer.body);
  const said = messageIn(answer.body);
  if (answer.status === 401 || answer.status === 403) {
    const advice =
      key === "" ? "Set ADMIN_KEY to the key of its admin API." : "ADMIN_KEY is not one that it accepts.";
    const told = said === null ? "" : `: ${said}`;
    return none(`The gateway at ${url.origin} answers ${answer.status}${told} ${advice}`, exit.usage);
  }
  if (answer.status === 400 && said !== null) return none(said, exit.usage);
  return none(
    `${url.origin} answers ${answer.status}, not as a gateway of this version does.`,
    exit.unreachable,
  );
}

const none = (message: string, code: number): Result<never, NoAnswer> => err({ message, code });

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
