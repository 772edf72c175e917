import type { ExpectationName, ExpectText } from "../../config/schema/tests.ts";
import { fallbackFrom } from "../../routing/plan.ts";
import { seconds } from "../../routing/refusals.ts";
import { lookUp } from "../../routing/resolve.ts";
import { costOfRun } from "../run.ts";
import { type Figure, figureOf, showMs, spanOf } from "./figure.ts";
import { matches, show } from "./match.ts";
import { bears, limitOf, nobody, type Sent, showRefusal, statusOf, trail, used } from "./sent.ts";

/** One thing that is expected, before it is told where it stands. */
export interface Wish {
  /** The key or index below the expectation's value; null: the value itself. */
  readonly field: string | number | null;
  /** What was expected, in words. */
  readonly wants: string;
  /** What came instead, in words; null: it holds. */
  readonly unlike: (sent: readonly Sent[]) => string | null;
}

/** Everything that a case can expect: a new word is its schema and one entry here. */
const wishes: {
  readonly [K in ExpectationName]: (written: NonNullable<ExpectText[K]>) => readonly Wish[];
} = {
  status: (written) => [ofFigure(written, statusOf, (sent) => shownStatus(sent))],
  code: (written) => [ofText(written, ({ refusal }) => refusal?.code ?? null, shownStatus)],
  limit: (written) => [ofText(written, limitOf, shownStatus)],
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

/** What is judged on the last request sent. */
const ofLast = (wants: string, unlike: (last: Sent) => string | null): Wish => ({
  field: null,
  wants,
  unlike: (all) => {
    const last = all.at(-1);
    return last === undefined ? "nothing was sent" : unlike(last);
  },
});

const ofText = (
  wants: string,
  read: (sent: Sent) => string | null,
  otherwise: (sent: Sent) => string = nobody,
): Wish =>
  ofLast(wants, (sent) => {
    const got = read(sent);
    return got === wants ? null : (got ?? otherwise(sent));
  });

function ofFigure(
  written: number | string,
  read: (sent: Sent) => number | null,
  shown: (sent: Sent) => string,
): Wish {
  const figure = figureOf(written);
  return ofLast(figure.shown, (sent) => {
    const got = read(sent);
    return got !== null && figure.isMetBy(got) ? null : shown(sent);
  });
}

/** One wish for each member of a mapping. */
const each = (
  written: Readonly<Record<string, unknown>>,
  unlike: (wanted: unknown, sent: Sent, name: string) => string | null,
): readonly Wish[] =>
  Object.entries(written).map(([name, wanted]) => ({
    ...ofLast(`${name} ${wanted === null ? "absent" : show(wanted)}`, (sent) => unlike(wanted, sent, name)),
    field: name,
  }));

function ofCount(written: number | string, pick: (all: readonly Sent[]) => readonly Sent[]): Wish {
  const figure = figureOf(written);
  const unlike = (all: readonly Sent[]) => {
    const { length } = pick(all);
    return figure.isMetBy(length) ? null : `${length} of ${all.length}${reasons(all)}`;
  };
  return { field: null, wants: figure.shown, unlike };
}

const refusedOf = (all: readonly Sent[]): readonly Sent[] => all.filter(({ refusal }) => refusal !== null);

/** What holds of every refused request, of which there is at least one. */
const ofRefused = (wants: string, holds: (sent: Sent) => boolean): Wish => ({
  field: null,
  wants,
  unlike: (all) => {
    const refused = refusedOf(all);
    if (refused.length === 0) return "no request was refused";
    const other = refused.find((sent) => !holds(sent));
    return other === undefined ? null : shownStatus(other);
  },
});

function ofRetryAfter(written: string): Wish {
  const figure: Figure = spanOf(written);
  const holds = ({ refusal }: Sent) => {
    const ms = refusal?.retryAfterMs ?? null;
    // The header says whole seconds.
    return ms !== null && (figure.isMetBy(ms) || figure.isMetBy(seconds(ms) * 1_000));
  };
  const unlike = (all: readonly Sent[]) => {
    const refused = refusedOf(all);
    if (refused.length === 0) return "no request was refused";
    const other = refused.find((sent) => !holds(sent));
    if (other === undefined) return null;
    const ms = other.refusal?.retryAfterMs ?? null;
    return ms === null ? "no retry-after" : showMs(ms);
  };
  return { field: null, wants: figure.shown, unlike };
}

const ofTags = (wanted: readonly string[], fits: (tags: readonly string[]) => boolean): Wish => ({
  field: null,
  wants: wanted.join(", "),
  unlike: (all) => {
    const hit = all.flatMap(used).find(({ provider }) => !fits(provider.tags));
    return hit === undefined ? null : `an attempt at ${bears(hit.provider)}`;
  },
});

const shownStatus = (sent: Sent): string =>
  sent.refusal === null ? `200 (${servedAs(sent)})` : showRefusal(sent.refusal);

function shownCost({ ran }: Sent): string {
  const cost = ran === null ? null : costOfRun(ran);
  return cost === null ? "no known cost" : String(Number(cost.toPrecision(6)));
}

const fallbackOf = ({ ran }: Sent): string | null =>
  ran?.ok ? fallbackFrom(ran.decision.asked, ran.decision.serving) : null;

/** `chat by openai/gpt-4o`. */
const servedAs = ({ ran }: Sent): string | null =>
  ran?.ok
    ? `${ran.decision.serving.name} by ${ran.decision.target.provider.name}/${ran.decision.upstream}`
    : null;

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

/** Why requests were refused, most frequent first, so that a wrong count explains itself. */
function reasons(all: readonly Sent[]): string {
  const counts = new Map<string, number>();
  for (const { refusal } of all) {
    if (refusal !== null) counts.set(showRefusal(refusal), (counts.get(showRefusal(refusal)) ?? 0) + 1);
  }
  const [most] = [...counts].toSorted((a, b) => b[1] - a[1]);
  return most === undefined ? "" : `; ${most[1]} refused with ${most[0]}`;
}
