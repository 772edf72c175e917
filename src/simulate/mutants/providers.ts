import type { Position } from "../../domain/position.ts";
import type { Price, Provider, Snapshot, Target, UpstreamFacts } from "../../domain/snapshot.ts";
import { withProvider } from "./edit.ts";
import { isOn, leadsTo, lineOf, type Mutant, modelsIn } from "./mutant.ts";

/** Providers switched on or without a tag; prices and contexts of upstream models doubled. */
export const providerMutants = (snapshot: Snapshot): readonly Mutant[] =>
  [...snapshot.providers.values()].flatMap((provider) => {
    const { name, enabled, tags, facts } = provider;
    const ways = modelsIn(snapshot).flatMap(({ targets }) =>
      targets.filter((target) => target.provider === provider),
    );
    const on = (field: string) => lineOf(snapshot, provider, field, provider.at);
    if (!enabled) {
      const isWanted = ways.some((target) => target.enabled);
      const to = { enabled: true };
      return isWanted ? [changed(snapshot, provider, on("enabled"), `provider ${name} switched on`, to)] : [];
    }
    if (!ways.some(isOn)) return [];
    return [
      ...tags.map((tag) => {
        const to = { tags: tags.filter((each) => each !== tag) };
        return changed(snapshot, provider, on("tags"), `provider ${name} without the tag ${tag}`, to);
      }),
      ...facts.flatMap((entry) => ofFacts(snapshot, provider, entry, ways.filter(isOn))),
    ];
  });

function changed(
  snapshot: Snapshot,
  { name }: Provider,
  at: Position,
  says: string,
  to: Partial<Provider>,
): Mutant {
  return {
    at,
    says,
    make: () => withProvider(snapshot, name, (before) => ({ ...before, ...to })),
    touches: ({ providers }) => providers.has(name),
  };
}

/** What is known of upstream models that no target leads to matters to nobody. */
function ofFacts(
  snapshot: Snapshot,
  provider: Provider,
  entry: UpstreamFacts,
  ways: readonly Target[],
): readonly Mutant[] {
  const { model, context, price } = entry;
  const isUsed = (field: "context" | "price") => ways.some((target) => leadsTo(target, entry, field));
  const upstream = `${provider.name}/${model}`;
  const mutant = (field: "context" | "price", says: string, to: Partial<UpstreamFacts>) =>
    changed(snapshot, provider, lineOf(snapshot, entry, field, provider.at), `${upstream} ${says}`, {
      facts: provider.facts.map((each) => (each === entry ? { ...each, ...to } : each)),
    });
  const mutants: Mutant[] = [];
  if (context !== null && isUsed("context")) {
    const says = `with a context of ${context * 2} instead of ${context}`;
    mutants.push(mutant("context", says, { context: context * 2 }));
  }
  if (price !== null && isUsed("price") && !isFree(price))
    mutants.push(mutant("price", "at twice its price", { price: doubled(price) }));
  return mutants;
}

const isFree = ({ input, output, request }: Price): boolean =>
  input === 0 && output === 0 && (request ?? 0) === 0;

const doubled = (price: Price): Price => ({
  ...price,
  input: price.input * 2,
  output: price.output * 2,
  request: price.request === null ? null : price.request * 2,
});
