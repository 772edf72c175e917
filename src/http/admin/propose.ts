import { Elysia } from "elysia";
import { maxBytes as maxText } from "../../config/bytes.ts";
import { isRecord } from "../../core/record.ts";
import { err, ok } from "../../core/result.ts";
import { refuse } from "../../domain/refusal.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { boolean, type Check, fine, optional, shortText, wrong } from "../../openai/shape.ts";
import type { Rolling } from "../../rollout/open.ts";
import { arrivalOf } from "../door.ts";
import { type Fields, invalid, readFields, textIn } from "./fields.ts";
import { type AdminAnswer, type AdminFacts, guarded } from "./guard.ts";
import { askedIn } from "./people.ts";

/** What proposals are taken with. */
export interface ProposeSite {
  readonly gateway: Gateway;
  readonly admin: AdminFacts;
  readonly rolling: Pick<Rolling, "proposals">;
}

/** A routing file, what it includes and its tests, as JSON text. */
const maxBytes = 16 * 1024 * 1024;
const mostFiles = 100;

const files: Check = (value, param) => {
  const entries = isRecord(value) ? Object.entries(value) : [];
  const wanted = `an object of 1 to ${mostFiles} texts by the names of their files`;
  if (entries.length === 0 || entries.length > mostFiles) return wrong(param, wanted, value);
  for (const [name, text] of entries) {
    const at = `${param}[${JSON.stringify(name.slice(0, 100))}]`;
    if (typeof text !== "string" || !text.isWellFormed()) return wrong(at, "a text", text);
    if (text.length > maxText) return wrong(at, "a text of at most 1 MiB", text);
  }
  return fine;
};

const checks: Readonly<Record<string, Check>> = {
  files,
  message: optional(shortText(5_000)),
  reason: optional(shortText(500)),
  base_digest: optional(shortText(64)),
  dry_run: optional(boolean),
};

/**
 * POST /admin/api/propose: changed files are validated, tested and planned, and handed in: a branch with a commit where the
 * source is a repository, the files themselves where it is one. With `dry_run` only looked into.
 */
export function propose({ gateway, admin, rolling: { proposals } }: ProposeSite) {
  const answer: AdminAnswer = async (request, _, who) => {
    const read = await readFields(request, checks, maxBytes);
    if (!read.ok) return read;
    const fields = read.value;
    arrivalOf(request).patient();
    const done = await proposals.propose({
      ...askedIn(who, fields),
      message: textIn(fields, "message"),
      files: filesIn(fields),
      baseDigest: textIn(fields, "base_digest") || null,
      isDry: fields["dry_run"] === true,
      signal: request.signal,
    });
    if (done.ok) return ok(done.value);
    if (done.error.kind === "refused") return err(refuse("refused_by_state", done.error.says));
    const { says, diagnostics } = done.error;
    return err({ ...invalid(says, "files"), ...(diagnostics.length === 0 ? {} : { diagnostics }) });
  };
  return new Elysia({ name: "propose" }).post(
    "/admin/api/propose",
    ({ request }) => guarded(gateway, admin, request, answer),
    { parse: "none" },
  );
}

function filesIn({ files: given }: Fields): ReadonlyMap<string, string> {
  const entries = isRecord(given) ? Object.entries(given) : [];
  return new Map(entries.flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : [])));
}
