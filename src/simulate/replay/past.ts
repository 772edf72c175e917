import type { RecordedAttempt } from "./recorded.ts";

/** Attempts kept of each upstream model. */
const kept = 512;

/**
 * How each upstream model fared in the past: a fair sample of its recorded attempts. What nobody tried at the time is
 * drawn from it, of the same upstream model where there is one, else of the same provider.
 */
export class Past {
  readonly #samples = new Map<string, { readonly attempts: RecordedAttempt[]; seen: number }>();
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Takes an attempt into the samples. One that the client broke off says nothing of the provider. */
  observe(attempt: RecordedAttempt): void {
    if (attempt.outcome === "cancelled") return;
    this.#add(`${attempt.provider}/${attempt.upstream}`, attempt);
    this.#add(attempt.provider, attempt);
  }

  /** One attempt of the past, the same for the same numbers; null for a provider that nobody has used. */
  draw(provider: string, upstream: string, request: number, nth: number): RecordedAttempt | null {
    const sample = this.#samples.get(`${provider}/${upstream}`) ?? this.#samples.get(provider);
    if (sample === undefined) return null;
    const at = Math.floor(drawn(this.#seed, request, nth) * sample.attempts.length);
    return sample.attempts[at] ?? null;
  }

  /** Reservoir sampling: each attempt seen so far has the same chance to be kept. */
  #add(name: string, attempt: RecordedAttempt): void {
    const sample = this.#samples.get(name) ?? { attempts: [], seen: 0 };
    this.#samples.set(name, sample);
    sample.seen++;
    if (sample.attempts.length < kept) {
      sample.attempts.push(attempt);
      return;
    }
    const at = Math.floor(drawn(this.#seed, sample.seen, kept) * sample.seen);
    if (at < kept) sample.attempts[at] = attempt;
  }
}

/** A number in [0, 1) out of three whole ones: the same every time, without a pattern. */
export function drawn(seed: number, a: number, b: number): number {
  let mixed =
    (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(a, 0xc2b2ae35) + Math.imul(b, 0x27d4eb2f)) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}
