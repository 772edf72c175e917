import type { Usd } from "../core/units.ts";

/** A sum of US dollars, exact to 10⁻¹² of one: a sum of fractions in binary would depend on their order. */
export interface Money {
  /** Whole ones. */
  usd: number;
  /** Of a million million; below that. */
  pico: number;
}

const picosPerUsd = 1_000_000_000_000;
/** Up to here, an amount in picos is an exact number. */
const mostExactUsd = 9_000;

/** Nothing. */
export const noMoney = (): Money => ({ usd: 0, pico: 0 });

/** Adds an amount; what is no amount adds nothing. */
export function addUsd(sum: Money, usd: Usd): void {
  if (!(usd >= 0 && usd <= Number.MAX_SAFE_INTEGER)) return;
  const whole = Math.floor(usd);
  add(sum, whole, Math.round((usd - whole) * picosPerUsd));
}

/** Adds another sum. */
export const addMoney = (sum: Money, { usd, pico }: Money): void => add(sum, usd, pico);

/** The number that is nearest to the sum. */
export const usdOf = ({ usd, pico }: Money): Usd =>
  usd < mostExactUsd
    ? (usd * picosPerUsd + pico) / picosPerUsd
    : Number(`${usd}.${String(pico).padStart(12, "0")}`);

function add(sum: Money, usd: number, pico: number): void {
  const picos = sum.pico + pico;
  const carried = picos >= picosPerUsd ? 1 : 0;
  sum.usd += usd + carried;
  sum.pico = picos - carried * picosPerUsd;
}
