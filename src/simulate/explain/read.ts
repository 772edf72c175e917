import { didYouMean, suggest } from "../../config/suggest.ts";
import { isRecord } from "../../core/record.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { type Endpoint, endpoints } from "../../domain/endpoint.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { chanceAt } from "../chance.ts";
import { keyOf } from "../scenario/door.ts";
import { type Fault, readFaults, type Script } from "./fault.ts";
import { type Question, usualTokens } from "./question.ts";

/** What is wrong with a question. */
export interface Mistake {
  /** The path of the field. */
  readonly param: string;
  /** What it has to be. */
  readonly wants: string;
}

/** The fields of a question as JSON, on the wire and from a shell. */
const fields = ["model", "key", "user", "tokens", "max_tokens", "stream", "endpoint", "fail", "seed"];
const mostTokens = 1_000_000_000;

/** Reads a question about a configuration; `null` is not said. */
export function readQuestion(
  snapshot: Snapshot,
  body: Readonly<Record<string, unknown>>,
): Result<Question, Mistake> {
  const unknown = Object.keys(body).find((name) => !fields.includes(name));
  if (unknown !== undefined) return wrong(unknown, `left out: the fields are ${fields.join(", ")}`);
  const said = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const {
    model,
    key,
    user,
    tokens = usualTokens,
    max_tokens,
    stream = false,
    endpoint,
    fail = {},
    seed = 0,
  } = said;
  if (typeof model !== "string" || model === "") return wrong("model", "the name of a model");
  if (key !== undefined && (typeof key !== "string" || keyOf(snapshot, key) === null))
    return wrong(
      "key",
      `the id of a key of the file${nearest(
        key,
        snapshot.auth.keys.map(({ id }) => id),
      )}`,
    );
  if (user !== undefined && typeof user !== "string") return wrong("user", "a text");
  if (!isWhole(tokens, 0)) return wrong("tokens", "a whole number, at least 0");
  if (max_tokens !== undefined && !isWhole(max_tokens, 1))
    return wrong("max_tokens", "a whole number, at least 1");
  if (typeof stream !== "boolean") return wrong("stream", "true or false");
  if (endpoint !== undefined && !isEndpoint(endpoint)) return wrong("endpoint", list(Object.keys(endpoints)));
  if (!isWhole(seed, 0)) return wrong("seed", "a whole number, at least 0");
  const script = readScript(snapshot, fail);
  if (!script.ok) return script;
  return ok({
    model,
    key: key ?? null,
    user: user ?? null,
    tokens,
    maxTokens: max_tokens ?? null,
    stream,
    endpoint: endpoint ?? null,
    script: script.value,
    chance: chanceAt(seed, 0),
  });
}

function readScript(snapshot: Snapshot, written: unknown): Result<Script, Mistake> {
  if (!isRecord(written)) return wrong("fail", "a mapping of providers to how their attempts fail");
  const script = new Map<string, readonly Fault[]>();
  for (const [provider, how] of Object.entries(written)) {
    const param = `fail.${provider}`;
    if (!snapshot.providers.has(provider))
      return wrong(param, `about a provider of the file${nearest(provider, [...snapshot.providers.keys()])}`);
    const faults = readFaults(how);
    if (!faults.ok) return wrong(param, faults.error);
    script.set(provider, faults.value);
  }
  return ok(script);
}

/** A mistake as a sentence. */
export const sayMistake = ({ param, wants }: Mistake): string =>
  `${param} has to be ${wants}${wants.endsWith("?") ? "" : "."}`;

const wrong = (param: string, wants: string): Result<never, Mistake> => err({ param, wants });

const nearest = (found: unknown, known: readonly string[]): string =>
  typeof found === "string" ? `.${didYouMean(suggest(found, known))}`.replace(/^\.$/, "") : "";

const isWhole = (value: unknown, least: number): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= mostTokens;

const isEndpoint = (value: unknown): value is Endpoint =>
  typeof value === "string" && Object.hasOwn(endpoints, value);

const list = (words: readonly string[]): string => `one of ${words.join(", ")}`;
