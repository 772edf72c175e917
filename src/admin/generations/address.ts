import { type SpanName, spans } from "./timeline.ts";

/** What the section shows besides how things stand; it is in the address, so that it can be sent to somebody. */
export interface View {
  /** The generation that is opened. */
  readonly open: number | null;
  /** At most two generations, as they were chosen. */
  readonly chosen: readonly number[];
  /** Null: whatever shows a dozen generations. */
  readonly span: SpanName | null;
}

/** The view that an address means; what it gets wrong is left out. */
export function viewIn(address: string): View {
  const query = new URLSearchParams(address);
  const span = query.get("span");
  return {
    open: numberIn(query.get("open") ?? ""),
    chosen: [
      ...new Set((query.get("compare") ?? "").split("-").flatMap((part) => numberIn(part) ?? [])),
    ].slice(0, 2),
    span: span !== null && Object.hasOwn(spans, span) ? (span as SpanName) : null,
  };
}

const numberIn = (text: string): number | null => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : null);

/** The address of a view, from its `#` on. */
export function addressOf({ open, chosen, span }: View): string {
  const query = new URLSearchParams();
  if (open !== null) query.set("open", String(open));
  if (chosen.length > 0) query.set("compare", chosen.join("-"));
  if (span !== null) query.set("span", span);
  const text = query.toString();
  return text === "" ? "#generations" : `#generations?${text}`;
}

/** Chooses a generation, or no longer; of three the one that was chosen first goes. */
export const choose = (chosen: readonly number[], number: number): readonly number[] =>
  chosen.includes(number) ? chosen.filter((each) => each !== number) : [...chosen, number].slice(-2);

/** Two that are chosen, the older one first; null: there are not two. */
export function pairOf(chosen: readonly number[]): { readonly from: number; readonly to: number } | null {
  const [one, other] = chosen;
  return one === undefined || other === undefined
    ? null
    : { from: Math.min(one, other), to: Math.max(one, other) };
}
