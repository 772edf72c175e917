import { Elysia } from "elysia";
import { err, ok, type Result } from "../../core/result.ts";
import { type Refusal, refuse } from "../../domain/refusal.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { conduct, distinctIn, type Survey, surveyOf } from "../../gateway/probe/survey.ts";
import { readJson } from "../../gateway/request/body.ts";
import { usualQuestion } from "../../gateway/request/question.ts";
import { listed } from "../../routing/listing.ts";
import { type AdminAnswer, type AdminFacts, guarded, Lines } from "./guard.ts";

/** Names are short. */
const maxBytes = 256 * 1024;
/** The connections that health checks may hold, and the patience with one target, in ms. */
const manner = { atOnce: 8, longestMs: 30_000 };

/**
 * POST /admin/api/checks: one small real request to each endpoint of the models named, or of all that are listed. Told line
 * by line as each is done, then the verdict on each model.
 */
export function checks({ gateway, admin }: { readonly gateway: Gateway; readonly admin: AdminFacts }) {
  const answer: AdminAnswer = async (request, { snapshot }) => {
    const body = await readJson(request, maxBytes);
    if (!body.ok) return body;
    const models = namesIn(body.value.value["models"], snapshot, gateway.wire.clock.now());
    if (!models.ok) return models;
    const form = { text: usualQuestion, endpoint: null };
    const asked = surveyOf({ ...gateway, snapshot }, models.value, form);
    return "survey" in asked
      ? ok(asking({ ...gateway, snapshot }, asked.survey))
      : err(
          refuse("model_not_found", `There is no model ${JSON.stringify(asked.unknown)}.`, {
            param: "models",
          }),
        );
  };
  return new Elysia({ name: "checks" }).post(
    "/admin/api/checks",
    ({ request }) => guarded(gateway, admin, request, answer),
    { parse: "none" },
  );
}

const asking = (means: Parameters<typeof conduct>[0], survey: Survey): Lines =>
  new Lines(async (tell, signal) => {
    const of = distinctIn(survey).length;
    let done = 0;
    const models = await conduct(means, survey, {
      ...manner,
      signal,
      onResult: ({ result }) => tell({ kind: "target", ...result, done: ++done, of }),
    });
    tell({ kind: "done", models });
  });

function namesIn(value: unknown, snapshot: Snapshot, now: number): Result<readonly string[], Refusal> {
  if (value === undefined) {
    const names = listed(snapshot, null, now).map(({ id }) => id);
    return ok(names.filter((name) => snapshot.models.has(name)));
  }
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string")
    ? ok(value)
    : err(refuse("invalid_request", "models has to be a list of names of models.", { param: "models" }));
}
