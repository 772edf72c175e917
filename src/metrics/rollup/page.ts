import { addMoney } from "../money.ts";
import { addBucket, lowestBucket, type Samples, stretch } from "../samples.ts";
import { type Count, costOf, plus } from "../tally.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { type Dimension, dimensions } from "./cubes.ts";

/** A value as a page holds it: a name by its place in the dictionary, 0 for none; a number plus one; a text itself. */
export type Code = number | string | null;

/** What was counted for one combination of values. */
export interface Cell {
  readonly codes: readonly Code[];
  readonly count: Count;
}

/** The form of what follows; a page of another one is not read. */
const form = 1;

const writer = new ByteWriter();
const body = new ByteWriter();

/** All cells of one bucket in one row of the database. */
export function packPage(of: readonly Dimension[], cells: Iterable<Cell>): Uint8Array {
  writer.take();
  writer.uint(form);
  for (const { codes, count } of cells) {
    for (const [at, dimension] of of.entries()) packCode(dimension, codes[at] ?? null);
    packCount(count);
    writer.bytes(body.take());
  }
  return writer.take().slice();
}

/** Reads the cells of a page, one after the other, and of each no more than is asked for. */
export class PageReader {
  readonly #isText: readonly boolean[];
  readonly #reader = new ByteReader();
  #next = 0;
  /** Of the cell that {@link next} came to. */
  readonly codes: Code[];

  constructor(of: readonly Dimension[]) {
    this.#isText = of.map((dimension) => dimensions[dimension].kind === "text");
    this.codes = of.map(() => null);
  }

  /** Throws when this is no page. */
  open(page: Uint8Array): void {
    this.#reader.open(page);
    if (this.#reader.uint() !== form) throw new Error("a page has a form that is not known");
    this.#next = this.#reader.at;
  }

  /** Goes to the next cell; false when there is none. Throws when the page is not whole. */
  next(): boolean {
    const reader = this.#reader;
    reader.at = this.#next;
    if (reader.isAtEnd) return false;
    for (let at = 0; at < this.#isText.length; at += 1)
      this.codes[at] = this.#isText[at] === true ? this.#text() : reader.uint();
    const length = reader.uint();
    this.#next = reader.at + length;
    return true;
  }

  /** Adds what the cell counted, without its durations where only counts are wanted; once for each cell. */
  addTo(count: Count, countsOnly: boolean): void {
    const reader = this.#reader;
    count.requests += reader.uint();
    count.errors += reader.uint();
    count.refused += reader.uint();
    count.cancelled += reader.uint();
    count.fallbacks += reader.uint();
    count.unpriced += reader.uint();
    count.prompt = plus(count.prompt, this.#known());
    count.cached = plus(count.cached, this.#known());
    count.completion = plus(count.completion, this.#known());
    count.reasoning = plus(count.reasoning, this.#known());
    count.total = plus(count.total, this.#known());
    const usd = this.#known();
    if (usd !== null) addMoney(costOf(count), { usd, pico: reader.uint() });
    if (countsOnly) return;
    this.#samples(count.latency);
    this.#samples(count.ttft);
  }

  #text(): string | null {
    return this.#reader.uint() === 0 ? null : this.#reader.text();
  }

  #known(): number | null {
    const value = this.#reader.uint();
    return value === 0 ? null : value - 1;
  }

  #samples(into: Samples): void {
    const reader = this.#reader;
    const buckets = reader.uint();
    if (buckets === 0) return;
    stretch(into, reader.uint() / 1_000, reader.uint() / 1_000);
    let bucket = lowestBucket;
    let place = 0;
    for (let at = 0; at < buckets; at += 1) {
      bucket += reader.uint();
      place = addBucket(into, bucket, reader.uint(), place);
    }
  }
}

function packCode(dimension: Dimension, code: Code): void {
  if (dimensions[dimension].kind !== "text") {
    writer.uint(Number(code));
  } else if (code === null) {
    writer.uint(0);
  } else {
    writer.uint(1);
    writer.text(String(code));
  }
}

function packCount(count: Count): void {
  body.uint(count.requests);
  body.uint(count.errors);
  body.uint(count.refused);
  body.uint(count.cancelled);
  body.uint(count.fallbacks);
  body.uint(count.unpriced);
  for (const sum of [count.prompt, count.cached, count.completion, count.reasoning, count.total])
    body.uint(sum === null ? 0 : sum + 1);
  if (count.cost === null) {
    body.uint(0);
  } else {
    body.uint(count.cost.usd + 1);
    body.uint(count.cost.pico);
  }
  packSamples(count.latency);
  packSamples(count.ttft);
}

function packSamples({ buckets, counts, used, min, max }: Samples): void {
  body.uint(used);
  if (used === 0) return;
  body.uint(min * 1_000);
  body.uint(max * 1_000);
  let last = lowestBucket;
  for (let at = 0; at < used; at += 1) {
    const bucket = buckets[at] ?? 0;
    body.uint(bucket - last);
    body.uint(counts[at] ?? 0);
    last = bucket;
  }
}
