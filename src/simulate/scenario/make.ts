import type { Making } from "../../config/compile/making.ts";
import { valuesFor } from "../../config/compile/values.ts";
import type { Places } from "../../config/places.ts";
import type { CaseText, ExpectationName, ExpectText, OutcomeText } from "../../config/schema/tests.ts";
import type { Spot } from "../../config/tree.ts";
import { type DurationMs, type EpochMs, parseCount, parseDuration } from "../../core/units.ts";
import type { Disableable } from "../../domain/route.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { standardMoment } from "../outage.ts";
import type { Case, Expectation, ForAll, Given, Outcome, Send } from "./case.ts";
import { isExpectation, wishesFor } from "./expect.ts";
import { namesFor } from "./for_all.ts";
import { kindOf, outcomeOf, wellDone } from "./outcome.ts";
import type { Wish } from "./wish.ts";

type GivenText = NonNullable<CaseText["given"]>;
type SendText = NonNullable<CaseText["send"]>;

/** At most so many requests in one case: far beyond any window, and a file cannot hold a gateway up. */
const mostRequests = 100_000;

/** One case, its defaults filled in. */
export function makeCase(making: Making, text: CaseText, snapshot: Snapshot): Case {
  return {
    name: text.name,
    at: making.places.value(text, "name"),
    given: makeGiven(making, text.given ?? {}),
    send: makeSend(making, text.send ?? {}),
    forAll: makeForAll(text.for_all, snapshot),
    expect: makeExpect(making, text.expect),
  };
}

function makeGiven(making: Making, text: GivenText): Given {
  const { count } = valuesFor(making);
  const spent = Object.entries(text.spent ?? {});
  const scripts = Object.entries(text.providers ?? {});
  return {
    at: text.at === undefined ? standardMoment : momentOf(making, text, text.at),
    disabled: (text.disabled ?? []).map(disableable),
    spent: new Map(spent.map(([key, usd]) => [key, count(text.spent ?? {}, key, usd)])),
    providers: new Map(scripts.map(([name, script]) => [name, script.map(makeOutcome)])),
  };
}

function momentOf({ report, places }: Making, owner: GivenText, written: string): EpochMs {
  const moment = Date.parse(written.includes("T") ? written : `${written}T00:00:00Z`);
  const [year, month, day] = written.slice(0, 10).split("-").map(Number);
  const isDay = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day))
    .toISOString()
    .startsWith(written.slice(0, 10));
  if (!Number.isNaN(moment) && isDay) return moment;
  report(
    "out_of_range",
    places.value(owner, "at"),
    `There is no moment ${written}; this must be one such as 2026-01-01T00:00:00Z.`,
  );
  return standardMoment;
}

/** `target openai/gpt-4o`, as people take things away. */
export function disableable(written: string): Disableable {
  const space = written.indexOf(" ");
  const kind = written.slice(0, space);
  const name = written.slice(space + 1);
  return kind === "provider" || kind === "target" || kind === "model"
    ? { kind, name }
    : { kind: "key", name };
}

function makeOutcome(text: OutcomeText): Outcome {
  if (typeof text === "string") return outcomeOf(text);
  const { kind, status, retry_after, latency, ttft, tokens } = text;
  return {
    kind: kind ?? (status === undefined ? "ok" : kindOf(status)),
    status: status ?? null,
    retryAfterMs: msOf(retry_after),
    latencyMs: msOf(latency) ?? wellDone.latencyMs,
    ttftMs: msOf(ttft),
    promptTokens: countOf(tokens?.prompt),
    completionTokens: countOf(tokens?.completion),
  };
}

/** Times and numbers that the schema has accepted, and that may be zero here. */
function msOf(written: string | undefined): DurationMs | null {
  const parsed = written === undefined ? null : parseDuration(written);
  return parsed?.ok ? parsed.value : null;
}

function countOf(written: number | string | undefined): number | null {
  const parsed = written === undefined ? null : parseCount(written);
  return parsed?.ok ? parsed.value : null;
}

function makeSend(making: Making, text: SendText): Send {
  const whole = valuesFor(making).whole;
  const repeat = text.repeat === undefined ? 1 : whole(text, "repeat", text.repeat, 1);
  if (repeat > mostRequests) {
    const message = `Found ${text.repeat}; this must be at most ${mostRequests}.`;
    making.report("out_of_range", making.places.value(text, "repeat"), message);
  }
  return {
    model: text.model ?? null,
    key: text.key ?? null,
    user: text.user ?? null,
    tokens: text.tokens === undefined ? usualPrompt : whole(text, "tokens", text.tokens, 0),
    maxTokens: text.max_tokens === undefined ? null : whole(text, "max_tokens", text.max_tokens, 1),
    stream: text.stream ?? false,
    tools: text.tools ?? false,
    images: text.images ?? false,
    params: text.params ?? {},
    repeat,
    everyMs: msOf(text.every) ?? 0,
    seed: text.seed ?? 0,
  };
}

/** Tokens of a prompt that nothing is said of. */
const usualPrompt = 10;

function makeForAll(text: CaseText["for_all"], snapshot: Snapshot): ForAll | null {
  if (text === undefined) return null;
  return {
    names: text.model === undefined ? null : namesFor(snapshot, text.model),
    anyOutage: text.outage === "any-one-provider",
  };
}

/** Everything that is expected, in the order of the file. */
function makeExpect({ places }: Making, text: ExpectText): readonly Expectation[] {
  return Object.keys(text)
    .filter(isExpectation)
    .flatMap((what) =>
      wishesFor(what, text).map((wish) => ({ ...wish, what, at: spotOf(places, text, what, wish) })),
    );
}

function spotOf(places: Places, text: ExpectText, what: ExpectationName, { field }: Wish): Spot {
  const written = text[what];
  return field !== null && typeof written === "object"
    ? places.value(written, field)
    : places.value(text, what);
}
