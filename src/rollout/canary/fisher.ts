/** How many of how many. */
export interface Portion {
  readonly hits: number;
  readonly of: number;
}

/**
 * One-sided exact test of Fisher: the probability that `suspect` has at least its hits when all hits fall on the two
 * portions by chance. 1 where there is nothing to compare with. https://en.wikipedia.org/wiki/Fisher%27s_exact_test
 */
export function fisher(suspect: Portion, other: Portion): number {
  const hits = suspect.hits + other.hits;
  const all = suspect.of + other.of;
  const fewest = Math.max(0, hits - other.of);
  if (suspect.hits <= fewest) return 1;
  const table: Table = { hits, of: suspect.of, all };
  // From the observed count away from the mean, where each term is smaller than the one before.
  const isAbove = suspect.hits * all >= hits * suspect.of;
  const p = isAbove ? tail(table, suspect.hits, 1) : 1 - tail(table, suspect.hits - 1, -1);
  return Math.min(1, Math.max(0, p));
}

/** The margins of the 2 × 2 table: `hits` among `all`, of which `of` are drawn. */
interface Table {
  readonly hits: number;
  readonly of: number;
  readonly all: number;
}

/** The probability of `from` hits and everything beyond it, upwards or downwards. */
function tail(table: Table, from: number, step: 1 | -1): number {
  let sum = 1;
  let term = 1;
  for (let count = from; term > sum * Number.EPSILON; count += step) {
    term *= step === 1 ? ratio(table, count) : 1 / ratio(table, count - 1);
    sum += term;
  }
  return Math.exp(logProbability(table, from)) * sum;
}

/** Of the probability of one more hit to that of `count`. */
const ratio = ({ hits, of, all }: Table, count: number): number =>
  ((hits - count) * (of - count)) / ((count + 1) * (all - hits - of + count + 1));

const logProbability = ({ hits, of, all }: Table, count: number): number =>
  logChoose(hits, count) + logChoose(all - hits, of - count) - logChoose(all, of);

const logChoose = (n: number, k: number): number =>
  logFactorial(k) * -1 + logFactorial(n) - logFactorial(n - k);

const halfLogTau = 0.5 * Math.log(2 * Math.PI);

/** log Γ(n + 1): the product while it is exact, then Stirling's series, to 13 digits. https://dlmf.nist.gov/5.11 */
function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let factor = 2; factor <= n; factor++) product *= factor;
    return Math.log(product);
  }
  const square = n * n;
  const series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / n;
  return (n + 0.5) * Math.log(n) - n + halfLogTau + series;
}
