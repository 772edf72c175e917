import { Elysia } from "elysia";
import type { SourceFile } from "../../config/source_file.ts";
import { isRecord } from "../../core/record.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { parseDuration } from "../../core/units.ts";
import { type Refusal, refuse } from "../../domain/refusal.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { readJson } from "../../gateway/request/body.ts";
import { lookInto } from "../../rollout/draft/draft.ts";
import type { Drafting, DraftQuestion, Texts, Wanted } from "../../rollout/draft/question.ts";
import { type AdminFacts, guarded, Lines } from "./guard.ts";
import type { Running } from "./running.ts";

/** What a draft is looked into with. */
export interface DraftFacts {
  readonly gateway: Gateway;
  readonly admin: AdminFacts;
  readonly running: Running;
  readonly drafting: Drafting;
}

/** A routing file, what it includes and its tests, as JSON text. */
const maxBytes = 16 * 1024 * 1024;

/**
 * POST /admin/api/draft/check and /draft/replay: an edit, before anybody commits it. Answered line by line: how far the work
 * is, then what came of it. Nothing is changed.
 */
export function draft({ gateway, admin, running, drafting }: DraftFacts) {
  const answer = (wantedIn: (body: Body) => Result<Wanted, Refusal>) => async (request: Request) => {
    const body = await readJson(request, maxBytes);
    if (!body.ok) return body;
    const [texts, wanted] = [textsIn(body.value.value), wantedIn(body.value.value)];
    if (!texts.ok) return texts;
    if (!wanted.ok) return wanted;
    const serving = running();
    if (serving === null) return err(refuse("draining", "No generation serves at this moment."));
    const { files, tests } = serving.row;
    const question = { ...drafting, wanted: wanted.value, serving: { files, tests }, draft: texts.value };
    return ok(looking(question));
  };
  const check = answer(() => ok({ kind: "check" }));
  const replay = answer(replayIn);
  return new Elysia({ name: "draft" })
    .post("/admin/api/draft/check", ({ request }) => guarded(gateway, admin, request, check), {
      parse: "none",
    })
    .post("/admin/api/draft/replay", ({ request }) => guarded(gateway, admin, request, replay), {
      parse: "none",
    });
}

type Body = Readonly<Record<string, unknown>>;

const looking = (question: DraftQuestion): Lines =>
  new Lines(async (tell, signal) => {
    const onProgress = (done: number, of: number) => tell({ kind: "progress", done, of });
    tell(await lookInto(question, { signal, onProgress }));
  });

function textsIn({ files, tests = null }: Body): Result<Texts, Refusal> {
  const given = Array.isArray(files) ? files : [];
  const read = given.flatMap((file) => fileIn(file) ?? []);
  const beside = tests === null ? null : fileIn(tests);
  if (read.length === 0 || read.length < given.length || (tests !== null && beside === null)) {
    const wants = "files has to be a list of {name, text}, the root file first; tests one of them, or null.";
    return err(refuse("invalid_request", wants, { param: "files" }));
  }
  return ok({ files: read, tests: beside });
}

function fileIn(value: unknown): SourceFile | null {
  if (!isRecord(value)) return null;
  const { name, text } = value;
  return typeof name === "string" && typeof text === "string"
    ? { name, bytes: new TextEncoder().encode(text) }
    : null;
}

function replayIn({ since = "24h" }: Body): Result<Wanted, Refusal> {
  const parsed = typeof since === "string" ? parseDuration(since) : null;
  return parsed?.ok
    ? ok({ kind: "replay", sinceMs: parsed.value })
    : err(refuse("invalid_request", 'since has to be a duration such as "24h".', { param: "since" }));
}
