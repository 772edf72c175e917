import { type Refusal, refuse } from "../../domain/refusal.ts";
import type { RouteRequest, Try } from "../../domain/route.ts";
import { StickyChance } from "../../gateway/request/sticky.ts";
import type { HeaderFields } from "../../gateway/response/headers.ts";
import { type Saying, translate } from "../../gateway/upstream/translate.ts";
import { checkRequest, type RequestFacts, readRequest } from "../../openai/request.ts";
import { chanceAt } from "../chance.ts";
import { impatient } from "../patience.ts";
import { type Oracle, type Ran, run } from "../run.ts";
import type { World } from "../world.ts";
import { bodyOf, endpointOf } from "./ask.ts";
import type { Case, Send } from "./case.ts";
import { enter } from "./door.ts";
import { answeredHead, refusedHead } from "./head.ts";
import { outcomeOf, scriptedBy, wellDone } from "./outcome.ts";
import type { Sent, Spoken } from "./sent.ts";

/** Which world of a case: the name that is asked for (null: none), and the provider that is down (null: none). */
export interface Variant {
  readonly model: string | null;
  readonly outage: string | null;
}

/** What was said to whom, attempt by attempt. */
type Said = WeakMap<Try, Spoken>;

/** Sends the `index`-th request of a case, from the door to the end of its answer, as the gateway would. */
export function playerOf(world: World, scene: Case, variant: Variant): (index: number) => Promise<Sent> {
  const { snapshot, clock } = world;
  const { send, expect } = scene;
  const { model } = variant;
  const { facts, saying, fault } = wordsOf(world, send, model);
  const said: Said = new WeakMap();
  const oracle = oracleOf(scene, variant, saying, said);
  const wantsHeaders = expect.some(({ what }) => what === "headers");

  return async (index) => {
    const at = clock.now();
    const door = enter(world, send.key, at);
    const key = door.ok ? door.value : null;
    const base = { snapshot, asked: model, key, at };
    const refused = door.ok ? fault : door.error;
    if (refused !== null) {
      const headers = wantsHeaders ? refusedHead(world, key, refused, []) : {};
      return { ...base, ran: null, refusal: refused, spoken: null, headers };
    }
    let headers: HeaderFields = {};
    const request = requestOf(world, send, facts, { key, endpoint: saying.endpoint, index });
    const ran = await run(world, request, oracle, (tried) => {
      const last = tried.at(-1);
      const warnings = (last === undefined ? null : said.get(last.decision))?.warnings ?? [];
      if (wantsHeaders) headers = answeredHead(world, { key, model, tried, warnings });
    });
    const refusal = ran.ok ? null : ran.refusal;
    if (refusal !== null && wantsHeaders) headers = refusedHead(world, key, refusal, ran.tried);
    return { ...base, ran, refusal, spoken: lastOf(ran, said), headers };
  };
}

/** The request in words; `fault` is why the gateway would not take them. */
function wordsOf({ snapshot }: World, send: Send, model: string | null) {
  const endpoint = endpointOf(snapshot, model);
  const body = bodyOf(send, model, endpoint);
  const checked = checkRequest(endpoint, body);
  const facts = readRequest(endpoint, body);
  const { model: _, ...params } = body;
  const saying: Saying = { endpoint, params, stream: facts.stream, includeUsage: facts.includeUsage };
  const fault: Refusal | null = checked.ok
    ? null
    : refuse("invalid_request", checked.error.message, { param: checked.error.param });
  return { facts, saying, fault };
}

/** Outcomes are taken in order, provider by provider; what cannot be put into a provider's words takes none. */
function oracleOf({ given, send }: Case, { outage }: Variant, saying: Saying, said: Said): Oracle {
  const taken = new Map<string, number>();
  const down = outcomeOf("server");
  return impatient((decision, request, now) => {
    const translated = translate(decision, saying, now);
    if (!translated.ok) return { kind: "failed", latencyMs: 0, failure: translated.failure };
    said.set(decision, { params: translated.upstream.params, warnings: translated.warnings });
    const { name } = decision.target.provider;
    if (name === outage) return scriptedBy(down, decision, request, send.tokens);
    const position = taken.get(name) ?? 0;
    taken.set(name, position + 1);
    return scriptedBy(given.providers.get(name)?.[position] ?? wellDone, decision, request, send.tokens);
  });
}

function requestOf(
  { snapshot, clock }: World,
  { tokens, user, seed }: Send,
  facts: RequestFacts,
  { key, endpoint, index }: Pick<RouteRequest, "key" | "endpoint"> & { readonly index: number },
): RouteRequest {
  // Where the file reads no user, nobody is one.
  const named = snapshot.attribution.user.length === 0 ? null : user;
  return {
    model: facts.model,
    endpoint,
    stream: facts.stream,
    key,
    textBytes: tokens * 4,
    maxTokens: facts.maxTokens,
    n: facts.n,
    chance: chanceAt(seed, index),
    stickyChance: new StickyChance(named, key?.id ?? null, anywhere),
    arrivedAt: clock.now(),
  };
}

/** The address that stands for a client without a key. */
const anywhere = { peer: "127.0.0.1" };

const lastOf = ({ tried }: Ran, said: Said): Spoken | null => {
  const last = tried.at(-1);
  return last === undefined ? null : (said.get(last.decision) ?? null);
};
