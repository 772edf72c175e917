import { err, ok, type Result } from "../../core/result.ts";
import { type Endpoint, endpoints } from "../../domain/endpoint.ts";
import { type Refusal, refuse } from "../../domain/refusal.ts";
import { type Check, optional, shortText, wrong } from "../../openai/shape.ts";
import { aimsFor, endpointFor, overOwnLimit } from "../../routing/aims.ts";
import type { Gateway } from "../gateway.ts";
import { handle, identify, refused } from "../handle.ts";
import type { Arrival } from "../request/arrival.ts";
import { askerOf } from "../request/ask.ts";
import { readJson } from "../request/body.ts";
import { questionOf, usualQuestion } from "../request/question.ts";
import { close } from "../response/answer.ts";
import { addDeprecation, addRateLimits, addTiming, commonHeaders } from "../response/headers.ts";
import { type Ending, overheadOf, type Story, upstreamOf } from "../story.ts";
import { type Probed, probe, type TargetResult } from "./probe.ts";

/** What a test of a model came to. */
export interface ModelTest {
  /** The name asked for. */
  readonly model: string;
  /** Whether any target answered. */
  readonly ok: boolean;
  readonly targets: readonly TargetResult[];
}

/** The connections that one test may hold, whatever the file says. */
const atOnce = 4;
const longestMessage = 1_000;
const longestName = 256;

/** One small real request to each target of a model: a client request of as many attempts, answered with how each went. */
export const testModel = (gateway: Gateway, arrival: Arrival, model: string): Promise<Response> =>
  handle(gateway, "chat", arrival, (_, story) => admit(gateway, story, model));

async function admit(gateway: Gateway, story: Story, model: string): Promise<Response> {
  const { live, arrival, chance } = story;
  const { snapshot } = live;
  const known = identify(gateway, story);
  if (!known.ok) return refused(gateway, story, known.error);
  const wanted = await readWanted(arrival.request, snapshot.http.maxBodyBytes, model);
  arrival.patient();
  if (!wanted.ok) return refused(gateway, story, wanted.error);

  const { text, endpoint, body } = wanted.value;
  const asker = askerOf(arrival, snapshot, { key: known.value, chance }, body);
  const ask = (to: Endpoint) => questionOf(to, { model, text }, asker);
  story.ask = ask(endpoint ?? "chat");
  const aims = aimsFor(snapshot, story.ask.route, gateway.state, arrival.at);
  if (!aims.ok) return refused(gateway, story, aims.error);

  const questions = aims.value.map((aim) => ({ aim, ask: ask(endpoint ?? endpointFor(aim.node)) }));
  story.ask = questions[0]?.ask ?? story.ask;
  story.asked = aims.value[0]?.node.model ?? null;
  const { signal } = arrival.request;
  const probed = await probe({ ...gateway, snapshot }, questions, { signal, atOnce });
  const over = outOfRoom(probed);
  return over === null ? answered(gateway, story, model, probed) : refused(gateway, story, over);
}

/** What the body may say; all of it may be left out, and so may the body. */
interface Wanted {
  readonly text: string;
  /** Null: what the model seems to be for. */
  readonly endpoint: Endpoint | null;
  readonly body: Readonly<Record<string, unknown>>;
}

const endpointName: Check = (value, param) =>
  isEndpoint(value) ? ok(null) : wrong(param, "chat, completions or embeddings", value);

const isEndpoint = (value: unknown): value is Endpoint =>
  typeof value === "string" && Object.hasOwn(endpoints, value);

async function readWanted(
  request: Request,
  maxBytes: number,
  model: string,
): Promise<Result<Wanted, Refusal>> {
  const isEmpty = request.body === null || request.headers.get("content-length") === "0";
  const read = isEmpty ? ok({ value: {} }) : await readJson(request, maxBytes);
  if (!read.ok) return read;
  const body: Wanted["body"] = read.value.value;
  const { test_message, endpoint } = body;
  for (const checked of [
    shortText(longestName)(model, "model"),
    optional(shortText(longestMessage))(test_message, "test_message"),
    optional(endpointName)(endpoint, "endpoint"),
  ]) {
    if (!checked.ok)
      return err(refuse("invalid_request", checked.error.message, { param: checked.error.param }));
  }
  const text = typeof test_message === "string" ? test_message : usualQuestion;
  return ok({ text, endpoint: isEndpoint(endpoint) ? endpoint : null, body });
}

/** The client's own limits come first: where they let nothing through, no target was tested. */
function outOfRoom(probed: readonly Probed[]): Refusal | null {
  const over = probed.map(({ aim, miss }) => (miss === null ? null : overOwnLimit(aim, miss)));
  return over.every((refusal) => refusal !== null) ? (over[0] ?? null) : null;
}

function answered(gateway: Gateway, story: Story, model: string, probed: readonly Probed[]): Response {
  const { arrival, live, key } = story;
  const now = gateway.wire.clock.now();
  const targets = probed.map(({ result }) => result);
  const test: ModelTest = { model, ok: targets.some((target) => target.ok), targets };
  story.tried = probed.flatMap(({ tried }) => tried ?? []);
  story.warnings = [...new Set(targets.flatMap(({ warnings }) => warnings))];
  story.respondedAt = now;

  const headers = commonHeaders(arrival, live);
  headers["x-gateway-attempts"] = String(story.tried.length);
  addDeprecation(headers, probed[0]?.aim.node.deprecations ?? []);
  addTiming(headers, overheadOf(story, now), upstreamOf(story, now));
  addRateLimits(headers, key, story.tried[0]?.decision ?? null, gateway.ledger, now);
  // The log has the outcome of each target; what they said is nobody's to keep.
  const loggable = { ...test, targets: targets.map(({ reply: _, ...kept }) => kept) };
  close(gateway, story, endingOf(story, test), story.ask?.body, JSON.stringify(loggable));
  headers["content-type"] = "application/json";
  headers["cache-control"] = "no-store";
  return new Response(JSON.stringify(test), { headers });
}

/** For the journal a test is a request that the model answered, or did not; the attempts tell of each target. */
function endingOf({ tried }: Story, { model, ok: works }: ModelTest): Ending {
  if (works) return { kind: "answered", failure: null };
  const last = tried.at(-1);
  if (last !== undefined) return { kind: "answered", failure: last.failure };
  const message = `No target of the model "${model}" could be tested.`;
  return { kind: "refused", refusal: refuse("no_target_available", message) };
}
