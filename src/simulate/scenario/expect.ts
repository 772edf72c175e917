import type { ExpectationName, ExpectText } from "../../config/schema/tests.ts";
import { fallbackFrom } from "../../routing/plan.ts";
import { lookUp } from "../../routing/resolve.ts";
import { costOfRun } from "../run.ts";
import { matches, show } from "./match.ts";
import { limitOf, nobody, type Sent, servedAs, showStatus, statusOf, trail, used } from "./sent.ts";
import {
  each,
  ofCount,
  ofFigure,
  ofLast,
  ofRefused,
  ofRetryAfter,
  ofTags,
  ofText,
  refusedOf,
  type Wish,
} from "./wish.ts";

/** Everything that a case can expect: a new word is its schema and one entry here. */
const wishes: {
  readonly [K in ExpectationName]: (written: NonNullable<ExpectText[K]>) => readonly Wish[];
} = {
  status: (written) => [ofFigure(written, statusOf, (sent) => showStatus(sent))],
  code: (written) => [ofText(written, ({ refusal }) => refusal?.code ?? null, showStatus)],
  limit: (written) => [ofText(written, limitOf, showStatus)],
  provider: (written) => [ofText(written, ({ ran }) => (ran?.ok ? ran.decision.target.provider.name : null))],
  model: (written) => [
    ofLast(written, (sent) => (isServedBy(sent, written) ? null : (servedAs(sent) ?? nobody(sent)))),
  ],
  attempts: (written) => [ofFigure(written, ({ ran }) => ran?.tried.length ?? 0, trail)],
  fallback_from: (written) => [
    ofLast(written, (sent) => {
      const from = fallbackOf(sent);
      const isIt = from !== null && lookUp(sent.snapshot, written)?.model.name === from;
      return isIt ? null : (from ?? (sent.ran?.ok ? "no fallback" : nobody(sent)));
    }),
  ],
  params: (written) =>
    each(written, (wanted, { spoken }, name) => {
      if (spoken === null) return "no attempt";
      return matches(wanted, spoken.params[name]) ? null : show(spoken.params[name]);
    }),
  headers: (written) =>
    each(written, (wanted, { headers }, name) => {
      const got = headers[name.toLowerCase()];
      return matches(wanted, got) ? null : got === undefined ? "no such header" : got;
    }),
  warnings: (written) => {
    const told = ({ spoken }: Sent) => spoken?.warnings ?? [];
    const list = (sent: Sent) => told(sent).join("; ") || "no warnings";
    if (written.length === 0)
      return [ofLast("no warnings", (sent) => (told(sent).length === 0 ? null : list(sent)))];
    return [written].flat().map((part, index) => ({
      ...ofLast(part, (sent) => (told(sent).some((one) => one.includes(part)) ? null : list(sent))),
      field: typeof written === "string" ? null : index,
    }));
  },
  cost_usd: (written) => [
    ofFigure(
      written,
      ({ ran }) => (ran === null ? null : costOfRun(ran)),
      (sent) => shownCost(sent),
    ),
  ],
  accepted: (written) => [ofCount(written, (all) => all.filter(({ refusal }) => refusal === null))],
  refused: ({ count, code, limit, retry_after }) => [
    ...(count === undefined ? [] : [{ ...ofCount(count, refusedOf), field: "count" }]),
    ...(code === undefined
      ? []
      : [{ ...ofRefused(code, (one) => one.refusal?.code === code), field: "code" }]),
    ...(limit === undefined
      ? []
      : [{ ...ofRefused(limit, (one) => limitOf(one) === limit), field: "limit" }]),
    ...(retry_after === undefined ? [] : [{ ...ofRetryAfter(retry_after), field: "retry_after" }]),
  ],
  not_used: (written) =>
    written.map((name, index) => ({
      field: index,
      wants: `no attempt at ${name}`,
      unlike: (all) => {
        const hit = all
          .flatMap(used)
          .find(({ provider, target }) => provider.name === name || target === name);
        return hit === undefined ? null : `an attempt at ${hit.target}`;
      },
    })),
  only_tags: (written) => [
    ofTags(
      written,
      (tags) => tags.some((tag) => written.includes(tag)) && tags.every((tag) => written.includes(tag)),
    ),
  ],
  any_tag: (written) => [ofTags(written, (tags) => tags.some((tag) => written.includes(tag)))],
};

/** Whether a word is one of those that a case can expect. */
export const isExpectation = (word: string): word is ExpectationName => Object.hasOwn(wishes, word);

/** What one word of `expect` amounts to. */
export function wishesFor<K extends ExpectationName>(what: K, text: ExpectText): readonly Wish[] {
  const written: ExpectText[K] = text[what];
  return written === undefined ? [] : wishes[what](written);
}

function shownCost({ ran }: Sent): string {
  const cost = ran === null ? null : costOfRun(ran);
  return cost === null ? "no known cost" : String(Number(cost.toPrecision(6)));
}

const fallbackOf = ({ ran }: Sent): string | null =>
  ran?.ok ? fallbackFrom(ran.decision.asked, ran.decision.serving) : null;

/** Whether a name is that of the public model that answered or, where no public model bears it, of what stands for it. */
function isServedBy({ snapshot, ran }: Sent, name: string): boolean {
  if (!ran?.ok) return false;
  const { serving, target, upstream } = ran.decision;
  if (snapshot.models.has(name) || snapshot.patterns.some((model) => model.name === name))
    return serving.name === name;
  const names = [
    upstream,
    `${target.provider.name}/${upstream}`,
    lookUp(snapshot, name)?.model.name === serving.name ? name : null,
  ];
  return names.includes(name);
}
