import { type Diagnostic, diagnostic, inFileOrder } from "../config/diagnostic.ts";
import type { SourceFile } from "../config/source_file.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Case, Expectation } from "./scenario/case.ts";
import { showVariant, variantsOf } from "./scenario/for_all.ts";
import { type Pause, perform } from "./scenario/perform.ts";
import type { Variant } from "./scenario/player.ts";
import { readTests } from "./scenario/read.ts";
import type { Sent } from "./scenario/sent.ts";

/** How the tests of a routing file went. */
export interface Tested {
  /** In file order; empty when the file of tests itself is wrong. */
  readonly results: readonly CaseResult[];
  /** What is wrong with the file of tests, and `test_failed` for each expectation that does not hold. */
  readonly diagnostics: readonly Diagnostic[];
}

/** How one case went. */
export interface CaseResult {
  readonly scene: Case;
  /** In how many worlds it has to hold. */
  readonly worlds: number;
  /** Those that were played; the others cannot differ from them. */
  readonly played: readonly Played[];
  /** Empty: it passed. */
  readonly mismatches: readonly Mismatch[];
}

/** One world of a case: what was sent there, and what became of it. */
export interface Played {
  readonly variant: Variant;
  readonly sent: readonly Sent[];
}

/** An expectation that does not hold. */
export interface Mismatch {
  readonly expectation: Expectation;
  readonly got: string;
  /** In which world of the case; empty when there is one. */
  readonly where: string;
  /** How many further worlds it does not hold in. */
  readonly more: number;
}

/** What to run, and how to let others have their turn. */
export interface TestOptions {
  /** Only cases whose names match. */
  readonly only?: RegExp;
  /** Awaited before each case and time and again within it, so that whoever serves at the same time is not held up. */
  readonly pause?: Pause;
  /** Keeps no request once it is judged, so that the results show none: a file can ask for millions. */
  readonly forgets?: boolean;
}

/** Runs the tests of a routing file against what it was compiled to: no network, no real time, no secrets. */
export async function runTests(
  snapshot: Snapshot,
  file: SourceFile,
  { only, ...options }: TestOptions = {},
): Promise<Tested> {
  const { cases, diagnostics } = readTests(snapshot, file);
  const results: CaseResult[] = [];
  for (const scene of cases) {
    if (only !== undefined && scene.name.search(only) === -1) continue;
    results.push(await runCase(snapshot, scene, options));
  }
  const failed = results.flatMap(({ scene, mismatches }) => mismatches.map((each) => failureOf(scene, each)));
  return { results, diagnostics: inFileOrder([...diagnostics, ...failed], [file.name]) };
}

type Unlike = Pick<Mismatch, "got" | "where">;

/** Plays a case in every world in which it has to hold, and judges each. */
export async function runCase(
  snapshot: Snapshot,
  scene: Case,
  { pause, forgets = false }: Omit<TestOptions, "only"> = {},
): Promise<CaseResult> {
  const played: Played[] = [];
  const judged = scene.expect.map((expectation) => ({ expectation, unlike: [] as Unlike[] }));
  for await (const one of playAll(snapshot, scene, pause)) {
    if (!forgets) played.push(one);
    for (const { expectation, unlike } of judged) {
      const got = expectation.unlike(one.sent);
      if (got !== null) unlike.push({ got, where: showVariant(scene, one.variant) });
    }
  }
  const mismatches = judged.flatMap(({ expectation, unlike }) => {
    const [first] = unlike;
    return first === undefined ? [] : [{ expectation, ...first, more: unlike.length - 1 }];
  });
  return { scene, worlds: variantsOf(snapshot, scene).length, played, mismatches };
}

/** Whether a case holds; stops at the first world in which it does not. */
export async function holds(snapshot: Snapshot, scene: Case): Promise<boolean> {
  for await (const { sent } of playAll(snapshot, scene)) {
    if (scene.expect.some(({ unlike }) => unlike(sent) !== null)) return false;
  }
  return true;
}

/** World by world. Whoever was not asked is not missed: its outage changes nothing, and is not played. */
async function* playAll(snapshot: Snapshot, scene: Case, pause?: Pause): AsyncGenerator<Played> {
  let asked: ReadonlySet<string> = new Set();
  for (const variant of variantsOf(snapshot, scene)) {
    if (variant.outage !== null && !asked.has(variant.outage)) continue;
    await pause?.();
    const sent = await perform(snapshot, scene, variant, pause);
    if (variant.outage === null) asked = new Set(sent.flatMap(providersOf));
    yield { variant, sent };
  }
}

const providersOf = ({ ran }: Sent): readonly string[] =>
  (ran?.tried ?? []).map(({ decision }) => decision.target.provider.name);

/** What an expectation is called: `provider`, or `refused count`. */
export const labelOf = ({ what, field }: Expectation): string =>
  what === "refused" ? `refused ${field}` : what;

function failureOf(scene: Case, { expectation, got, where, more }: Mismatch): Diagnostic {
  const others = more === 0 ? "" : `, and ${more} more like it`;
  const place = where === "" ? "" : ` (${where}${others})`;
  const message = `"${scene.name}" expected ${labelOf(expectation)} ${expectation.wants}, got ${got}${place}.`;
  return diagnostic("test_failed", expectation.at, message);
}
