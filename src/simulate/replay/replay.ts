import type { DurationMs, EpochMs } from "../../core/units.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { VirtualClock } from "../clock.ts";
import { type World, worldOf } from "../world.ts";
import { Past } from "./past.ts";
import { type Recorded, type Recording, wasRouted } from "./recorded.ts";
import { type ReplayReport, ReplayTally } from "./tally.ts";
import { judge, recordedVerdict, type Verdict } from "./verdict.ts";

/** The longest window of any limit: so much earlier traffic fills them before anything is compared. */
const warmUpMs: DurationMs = 86_400_000;

/** What to replay, and how. */
export interface ReplayOptions {
  /** How much of the end of the recording is compared. */
  readonly sinceMs: DurationMs;
  /** Of what has to be drawn; the same seed gives the same report. */
  readonly seed: number;
  /** Told now and then how much is done. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** Runs two configurations over the same recorded requests, at the same moments, and compares what they do. */
export async function replay(
  base: Snapshot,
  head: Snapshot,
  recording: Recording,
  options: ReplayOptions,
): Promise<ReplayReport> {
  const to = recording.newest ?? 0;
  const from = to - options.sinceMs;
  const tally = new ReplayTally();
  if (recording.newest === null) return tally.report(from, to);
  const past = await pastOf(recording, from - warmUpMs, options);

  const clock = new VirtualClock(from - warmUpMs);
  const worlds = { base: worldOf(base, { clock }), head: worldOf(head, { clock }) };
  const total = recording.count(from - warmUpMs);
  let index = 0;
  for await (const slice of recording.slices(from - warmUpMs)) {
    for (const recorded of slice) {
      await clock.advance(recorded.arrivedAt);
      const compared = recorded.arrivedAt >= from && wasRouted(recorded);
      if (wasRouted(recorded)) begin(worlds, recorded, index, past, compared ? tally : null);
      index++;
    }
    // The first half of the work was to read it all once.
    options.onProgress?.(total + index, 2 * total);
  }
  await clock.finish();
  return tally.report(from, to);
}

async function pastOf(
  recording: Recording,
  from: EpochMs,
  { seed, onProgress }: ReplayOptions,
): Promise<Past> {
  const past = new Past(seed);
  const total = recording.count(from);
  let seen = 0;
  for await (const slice of recording.attempts(from)) {
    for (const attempt of slice) past.observe(attempt);
    seen = Math.min(total, seen + slice.length);
    onProgress?.(seen, 2 * total);
  }
  return past;
}

/** Both worlds see the request now; they may need different times to end it. */
function begin(
  { base, head }: { readonly base: World; readonly head: World },
  recorded: Recorded,
  index: number,
  past: Past,
  tally: ReplayTally | null,
): void {
  const pair: { base: Verdict | null; head: Verdict | null } = { base: null, head: null };
  const settle = (): void => {
    if (tally === null || pair.base === null || pair.head === null) return;
    tally.add(recorded, recordedVerdict(recorded), pair.base, pair.head);
  };
  base.clock.begin(async () => {
    pair.base = await judge(base, recorded, index, past);
    settle();
  });
  head.clock.begin(async () => {
    pair.head = await judge(head, recorded, index, past);
    settle();
  });
}
