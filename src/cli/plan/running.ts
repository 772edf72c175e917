import type { SourceFile } from "../../config/source.ts";
import { isRecord } from "../../core/record.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { settingOf } from "../../settings.ts";
import { exit } from "../exit.ts";
import type { Shell } from "../shell.ts";
import type { Refused, Texts } from "./side.ts";

/** How long a gateway may take to tell what it serves. */
const patienceMs = 10_000;

/** The texts of what a gateway serves, asked for with the setting ADMIN_KEY. */
export async function readRunning(address: string, { environment }: Shell): Promise<Result<Texts, Refused>> {
  const url = locate(address);
  if (url === null) return refused(`${JSON.stringify(address)} is no address of a gateway.`, exit.usage);
  const key = settingOf("ADMIN_KEY", undefined, environment);
  const headers: Record<string, string> = key === "" ? {} : { authorization: `Bearer ${key}` };
  const answer = await fetch(url, {
    headers,
    // The key goes to the address that was named, and to no other.
    redirect: "manual",
    signal: AbortSignal.timeout(patienceMs),
  }).then(
    async (response) => ({ status: response.status, body: await bodyOf(response) }),
    () => null,
  );
  if (answer === null) return refused(`No gateway can be reached at ${url.origin}.`, exit.unreachable);
  if (answer.status === 401 || answer.status === 403) {
    const advice =
      key === "" ? "set ADMIN_KEY to the key of its admin API" : "ADMIN_KEY is not one that it accepts";
    return refused(`The gateway at ${url.origin} answers ${answer.status}: ${advice}.`, exit.usage);
  }
  const told = answer.status === 200 ? textsIn(answer.body, url.origin) : null;
  return told === null
    ? refused(
        `${url.origin} answers ${answer.status}, not as a gateway of this version does.`,
        exit.unreachable,
      )
    : ok(told);
}

const refused = (message: string, code: number): Result<never, Refused> =>
  err({ kind: "missing", message, code });

/** Credentials in an address would end up in messages. */
function locate(address: string): URL | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") return null;
  const base = url.pathname.replace(/\/+$/, "");
  return new URL(`${url.origin}${base}/admin/api/config`);
}

const bodyOf = (response: Response): Promise<unknown> => response.json().catch(() => null);

function textsIn(body: unknown, origin: string): Texts | null {
  if (!isRecord(body) || !Array.isArray(body["files"]) || body["files"].length === 0) return null;
  const files = body["files"].map(fileIn);
  const tests = body["tests"] === null ? null : fileIn(body["tests"]);
  if (!files.every((file) => file !== null)) return null;
  const generation = typeof body["generation"] === "number" ? ` generation ${body["generation"]}` : "";
  const gitSha = body["git_sha"];
  return {
    files,
    tests: tests ?? (body["tests"] === null ? null : undefined),
    label: `${origin}${generation}`,
    commit: typeof gitSha === "string" ? gitSha : null,
  };
}

function fileIn(value: unknown): SourceFile | null {
  if (!isRecord(value) || typeof value["name"] !== "string" || typeof value["text"] !== "string") return null;
  return { name: value["name"], bytes: new TextEncoder().encode(value["text"]) };
}
