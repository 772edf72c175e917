import type { SourceFile } from "../../config/source_file.ts";
import { isRecord } from "../../core/record.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { callAdmin, notOurs } from "../admin_call.ts";
import type { Shell } from "../shell.ts";
import type { Refused, Texts } from "./compared.ts";

/** The texts of what a gateway serves, asked for with the setting ADMIN_KEY. */
export async function readRunning(address: string, shell: Shell): Promise<Result<Texts, Refused>> {
  const answer = await callAdmin(address, "/admin/api/config", shell);
  if (!answer.ok) return err({ kind: "missing", ...answer.error });
  const { body, origin } = answer.value;
  const told = textsIn(body, origin);
  return told === null ? err({ kind: "missing", ...notOurs(origin, 200) }) : ok(told);
}

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
