import type { Usd } from "../../core/units.ts";
import type { Try } from "../../domain/route.ts";
import type { Price, Snapshot } from "../../domain/snapshot.ts";
import type { Usage } from "../../domain/usage.ts";
import { costOf, estimateUsd, fact } from "../facts.ts";
import { upstreamName } from "../identity.ts";
import type { Look } from "../watch.ts";
import { type Step, step } from "./step.ts";
import { count, dollars } from "./words.ts";

/** What an attempt may cost, by its estimated tokens. */
export function estimateSteps({ scene: { snapshot, request, state } }: Look, decision: Try): readonly Step[] {
  const { estimatedTokens } = decision;
  const prompt = Math.ceil(
    request.textBytes * state.tokensPerByte(upstreamName(decision.target.provider, decision.upstream)),
  );
  const tokens = `${count(prompt)} + ${count(estimatedTokens - prompt)} tokens`;
  return priceSteps(snapshot, decision, (price) => ({
    text: `about ${dollars(estimateUsd(price, prompt, estimatedTokens))} for an estimated ${tokens}`,
    about: "estimate",
  }));
}

/** What an answer cost. */
export const costSteps = (snapshot: Snapshot, decision: Try, usage: Usage): readonly Step[] =>
  priceSteps(snapshot, decision, (price) => ({
    text: `${known(costOf(price, usage))} for ${count(usage.prompt ?? 0)} + ${count(usage.completion ?? 0)} tokens`,
    about: "cost",
  }));

const known = (usd: Usd | null): string => (usd === null ? "an unknown sum" : dollars(usd));

function priceSteps(
  snapshot: Snapshot,
  { target: { provider }, upstream }: Try,
  tell: (price: Price) => { readonly text: string; readonly about: string },
): readonly Step[] {
  const name = upstreamName(provider, upstream);
  const found = fact(provider, upstream, "price");
  if (found === null) return [step(`no price of ${name} is known`, provider.at)];
  const at = snapshot.lines.of(found.entry, "price");
  if (isFree(found.value)) return [step(`${name} is free`, at)];
  const { text, about } = tell(found.value);
  return [step(`${name} at ${shown(found.value)}: ${text}`, at, `${about} of ${name}`)];
}

const isFree = ({ input, output, request }: Price): boolean => input === 0 && output === 0 && !request;

function shown({ input, output, request }: Price): string {
  const call = request === null ? "" : ` and ${dollars(request)} a call`;
  return `${dollars(input)} in, ${dollars(output)} out per million tokens${call}`;
}
