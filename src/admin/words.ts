const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat("en-US");

/** A dash stands for what is not known: never a zero. */
export const unknown = "–";

/** A count as short as it can be read: `1,204`, `12.4K`. */
export const count = (value: number | null): string =>
  value === null ? unknown : Math.abs(value) < 10_000 ? whole.format(Math.round(value)) : short.format(value);

/** How often something happens: below ten, tenths matter. */
export const rate = (value: number): string =>
  value < 9.95 ? String(Number(value.toFixed(1))) : count(value);

/** US dollars, with as many digits as a small amount needs. */
export function usd(value: number | null): string {
  if (value === null) return unknown;
  const digits = value === 0 || Math.abs(value) >= 1 ? 2 : Math.abs(value) >= 0.01 ? 3 : 5;
  return `$${value.toLocaleString("en-US", { minimumFractionDigits: Math.min(2, digits), maximumFractionDigits: digits })}`;
}

/** A duration given in ms: `87 ms`, `1.24 s`, `3 min`. */
export function duration(ms: number | null): string {
  if (ms === null) return unknown;
  if (ms < 1_000) return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1_000).toFixed(2))} s`;
  const minutes = ms / 60_000;
  if (minutes < 60) return `${Math.round(minutes)} min`;
  return minutes < 48 * 60 ? `${Number((minutes / 60).toFixed(1))} h` : `${Math.round(minutes / 1_440)} days`;
}

/** A share of 1 as a percentage. */
export const percent = (share: number | null): string =>
  share === null ? unknown : `${Number((share * 100).toFixed(share > 0.99 && share < 1 ? 2 : 1))} %`;

/** How long ago something was: `12 s ago`. */
export const ago = (at: string | number, now = Date.now()): string => {
  const ms = Math.max(0, now - new Date(at).getTime());
  return ms < 1_000 ? "now" : `${duration(ms < 60_000 ? Math.floor(ms / 1_000) * 1_000 : ms)} ago`;
};

/** A moment, in this browser's time zone. */
export const moment = (at: string | number): string =>
  new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
