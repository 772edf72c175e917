import { canonical } from "./canonical.ts";
import { type Change, pathText, type Side, type Step } from "./diff/change.ts";
import { type Locate, locator } from "./diff/locate.ts";
import { rules } from "./diff/rules.ts";
import { guarded, shown } from "./diff/shown.ts";
import { type Difference, differences } from "./diff/walk.ts";

/**
 * What is not the same in two configurations, by name and never by text, in the order of the file's sections. Empty when,
 * and only when, their digests are equal.
 */
export function diff(base: Side, head: Side): readonly Change[] {
  const places: Places = [locator(base), locator(head)];
  const found = differences(canonical(base.snapshot), canonical(head.snapshot));
  return [
    ...doorChange(base, head, places),
    ...withMoves(found).map((each) => judged(each, base, head, places)),
  ];
}

type Places = readonly [base: Locate, head: Locate];

/** A difference whose thing stands elsewhere in the head. */
interface Moved extends Difference {
  readonly headSteps?: readonly Step[];
}

function judged(difference: Moved, base: Side, head: Side, [inBase, inHead]: Places): Change {
  const { pattern, steps, headSteps = steps, names, from, to } = difference;
  const rule = rules[pattern];
  if (rule === undefined) throw new Error(`no rule says what a difference in ${pattern} can do`);
  const show = (value: unknown) =>
    /\.(headers|query)\.\*$/.test(pattern) ? guarded(names.at(-1) ?? "", value) : shown(pattern, value);
  return {
    path: pathText(steps),
    from: show(from),
    to: show(to),
    class:
      typeof rule === "string" ? rule : rule({ names, from, to, base: base.snapshot, head: head.snapshot }),
    base: inBase(steps),
    head: inHead(headSteps),
  };
}

/** The first key shuts everybody else out, and without the last one everybody may call. */
function doorChange(base: Side, head: Side, [inBase, inHead]: Places): readonly Change[] {
  const [before, after] = [base, head].map(({ snapshot }) =>
    snapshot.auth.keys.length === 0 ? "everybody may call" : "only these keys may call",
  );
  if (before === after) return [];
  const steps: readonly Step[] = ["auth", "keys"].map((name) => ({ kind: "key", name }));
  const isShut = head.snapshot.auth.keys.length > 0;
  return [
    {
      path: pathText(steps),
      from: before,
      to: after,
      class: isShut ? "BREAKING" : "ACCESS",
      base: inBase(steps),
      head: inHead(steps),
    },
  ];
}

/** A model that becomes an alias of the same name, or the other way round, is one difference. */
function withMoves(found: readonly Difference[]): readonly Moved[] {
  const gone = new Map(found.filter(({ to }) => to === null).map((each) => [nameIn(each), each]));
  const pairs = new Map<Difference, Difference>();
  for (const added of found) {
    const removed = nameIn(added) === null || added.from !== null ? undefined : gone.get(nameIn(added));
    if (removed !== undefined) pairs.set(removed, added);
  }
  const absorbed = new Set(pairs.values());
  return found
    .filter((each) => !absorbed.has(each))
    .map((removed) => {
      const added = pairs.get(removed);
      if (added === undefined) return removed;
      return {
        ...removed,
        from: asName(removed, removed.from),
        to: asName(added, added.to),
        headSteps: added.steps,
      };
    });
}

/** The public name that comes or goes. */
const nameIn = ({ pattern, names }: Difference): string | null =>
  pattern === "models.*" || pattern === "aliases.*" ? (names[0] ?? null) : null;

const asName = ({ pattern }: Difference, value: unknown): unknown =>
  pattern === "aliases.*" && typeof value === "object" && value !== null && "to" in value
    ? `an alias of ${String(value.to)}`
    : value;
