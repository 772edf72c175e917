import { seconds } from "../../routing/refusals.ts";
import { figureOf, showMs, spanOf } from "./figure.ts";
import { show } from "./match.ts";
import { bears, nobody, type Sent, showRefusal, showStatus, used } from "./sent.ts";

/** One thing that is expected, before it is told where it stands. */
export interface Wish {
  /** The key or index below the expectation's value; null: the value itself. */
  readonly field: string | number | null;
  /** What was expected, in words. */
  readonly wants: string;
  /** What came instead, in words; null: it holds. */
  readonly unlike: (sent: readonly Sent[]) => string | null;
}

/** What is judged on the last request sent. */
export const ofLast = (wants: string, unlike: (last: Sent) => string | null): Wish => ({
  field: null,
  wants,
  unlike: (all) => {
    const last = all.at(-1);
    return last === undefined ? "nothing was sent" : unlike(last);
  },
});

/** A text that the last one bears. */
export const ofText = (
  wants: string,
  read: (sent: Sent) => string | null,
  otherwise: (sent: Sent) => string = nobody,
): Wish =>
  ofLast(wants, (sent) => {
    const got = read(sent);
    return got === wants ? null : (got ?? otherwise(sent));
  });

/** A number that the last one bears. */
export function ofFigure(
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
export const each = (
  written: Readonly<Record<string, unknown>>,
  unlike: (wanted: unknown, sent: Sent, name: string) => string | null,
): readonly Wish[] =>
  Object.entries(written).map(([name, wanted]) => ({
    ...ofLast(`${name} ${wanted === null ? "absent" : show(wanted)}`, (sent) => unlike(wanted, sent, name)),
    field: name,
  }));

/** How many there are of some. */
export function ofCount(written: number | string, pick: (all: readonly Sent[]) => readonly Sent[]): Wish {
  const figure = figureOf(written);
  const unlike = (all: readonly Sent[]) => {
    const { length } = pick(all);
    return figure.isMetBy(length) ? null : `${length} of ${all.length}${reasonOf(all)}`;
  };
  return { field: null, wants: figure.shown, unlike };
}

/** Those that were not answered. */
export const refusedOf = (all: readonly Sent[]): readonly Sent[] =>
  all.filter(({ refusal }) => refusal !== null);

/** What holds of every refused request, of which there is at least one. */
export const ofRefused = (wants: string, holds: (sent: Sent) => boolean): Wish => ({
  field: null,
  wants,
  unlike: (all) => {
    const refused = refusedOf(all);
    if (refused.length === 0) return "no request was refused";
    const other = refused.find((sent) => !holds(sent));
    return other === undefined ? null : showStatus(other);
  },
});

/** When every refused one may come again. */
export function ofRetryAfter(written: string): Wish {
  const figure = spanOf(written);
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

/** What the tags of every provider that was asked are like. */
export const ofTags = (wanted: readonly string[], fits: (tags: readonly string[]) => boolean): Wish => ({
  field: null,
  wants: wanted.join(", "),
  unlike: (all) => {
    const hit = all.flatMap(used).find(({ provider }) => !fits(provider.tags));
    return hit === undefined ? null : `an attempt at ${bears(hit.provider)}`;
  },
});

/** Why most of the refused ones were refused, so that a wrong count explains itself. */
function reasonOf(all: readonly Sent[]): string {
  const kinds = Map.groupBy(
    all.flatMap(({ refusal }) => refusal ?? []),
    ({ status, code }) => `${status} ${code}`,
  );
  const [most] = [...kinds.values()].toSorted((a, b) => b.length - a.length);
  return most?.[0] === undefined ? "" : `; ${most.length} refused with ${showRefusal(most[0])}`;
}
