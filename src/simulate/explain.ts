import type { EpochMs, Usd } from "../core/units.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { Try } from "../domain/route.ts";
import type { Params, Snapshot } from "../domain/snapshot.ts";
import { type Saying, type Translated, translate } from "../gateway/upstream/translate.ts";
import { doorSteps } from "../routing/explain/access.ts";
import { once, type Step, step } from "../routing/explain/step.ts";
import { refusalStep } from "../routing/explain/verdict.ts";
import { tellerWith } from "../routing/explain.ts";
import { fallbackFrom } from "../routing/plan.ts";
import { endingSteps, sentIn } from "./explain/ending.ts";
import { playing } from "./explain/fault.ts";
import { asked, type Question } from "./explain/question.ts";
import { impatient } from "./patience.ts";
import { costOfRun, type Oracle, type Ran, runAlone } from "./run.ts";
import { enter, keyOf } from "./scenario/door.ts";
import { scriptedBy } from "./scenario/outcome.ts";
import type { World } from "./world.ts";

/** Why a request goes where it goes: what a client would get, and every rule that spoke; in the shape of the JSON output. */
export interface Explanation {
  /** The HTTP status that a client would get. */
  readonly status: number;
  /** Of the error; null when somebody answers. */
  readonly code: string | null;
  /** Who answers; null when nobody does. */
  readonly provider: string | null;
  /** The public model that answers: the one asked for, or one of its fallbacks. */
  readonly model: string | null;
  /** What the provider calls it. */
  readonly upstream: string | null;
  /** The model asked for, when another one answers. */
  readonly fallback_from: string | null;
  readonly attempts: number;
  /** All attempts together; null while no price is known. */
  readonly cost_usd: Usd | null;
  /** What the last target that was tried was sent, in its provider's words; null: nothing was sent. */
  readonly sent: { readonly url: string; readonly body: Params } | null;
  readonly warnings: readonly string[];
  /** In the order in which the rules spoke. */
  readonly steps: readonly ExplainedStep[];
}

/** One rule that spoke; places are null where it is none of the file's, and count from 1. */
export interface ExplainedStep {
  readonly text: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
}

/** Makes a request in a world of its own, in which nothing else happens, and tells what decided. */
export async function explain(world: World, question: Question): Promise<Explanation> {
  const { snapshot, ledger, clock } = world;
  const door = enter(world, question.key, clock.now());
  if (!door.ok) return shut(snapshot, question, door.error, clock.now());
  const { request, saying } = asked(world, question, door.value);
  const teller = tellerWith((claim, now) => ledger.used(claim, now));
  const said = new Map<Try, Translated>();
  const watched = { ...world, watch: teller.watch };
  const ran = await runAlone(watched, request, oracleOf(question, saying, said));
  const last = ran.tried.at(-1)?.decision;
  const spoken = (last === undefined ? undefined : said.get(last)) ?? null;
  const ending = endingSteps(snapshot, ran, saying, spoken);
  return explanationOf(ran, spoken, once([...userSteps(snapshot, question), ...teller.steps(), ...ending]));
}

const userSteps = ({ attribution }: Snapshot, { user }: Question): readonly Step[] =>
  user === null || attribution.user.length > 0
    ? []
    : [step("the file does not say where the end user is read (attribution.user), so none is known", null)];

/** Attempts follow the script; what cannot be put into a provider's words takes nothing of it. */
function oracleOf({ script, tokens }: Question, saying: Saying, said: Map<Try, Translated>): Oracle {
  const next = playing(script);
  return impatient((decision, request, now) => {
    const translated = translate(decision, saying, now);
    said.set(decision, translated);
    return translated.ok
      ? scriptedBy(next(decision.target.provider.name), decision, request, tokens)
      : { kind: "failed", latencyMs: 0, failure: translated.failure };
  });
}

function explanationOf(ran: Ran, spoken: Translated | null, steps: readonly Step[]): Explanation {
  const { decision } = ran.ok ? ran : { decision: null };
  return {
    status: ran.ok ? 200 : ran.refusal.status,
    code: ran.ok ? null : ran.refusal.code,
    provider: decision?.target.provider.name ?? null,
    model: decision?.serving.name ?? null,
    upstream: decision?.upstream ?? null,
    fallback_from: decision === null ? null : fallbackFrom(decision.asked, decision.serving),
    attempts: ran.tried.length,
    cost_usd: costOfRun(ran),
    sent: spoken === null ? null : sentIn(spoken),
    warnings: spoken?.ok ? spoken.warnings : [],
    steps: steps.map(explained),
  };
}

/** A key that is not let in gets no decision. */
function shut(snapshot: Snapshot, { key: id }: Question, refusal: Refusal, now: EpochMs): Explanation {
  const key = id === null ? null : keyOf(snapshot, id);
  const steps = key === null ? [] : doorSteps(snapshot, key, refusal, now);
  return {
    status: refusal.status,
    code: refusal.code,
    ...{ provider: null, model: null, upstream: null, fallback_from: null },
    ...{ attempts: 0, cost_usd: null, sent: null, warnings: [] },
    steps: [...steps, refusalStep({ refusal, objections: [] })].map(explained),
  };
}

const explained = ({ text, at }: Step): ExplainedStep => ({
  text,
  file: at?.file ?? null,
  line: at?.line ?? null,
  column: at?.column ?? null,
});
