import type { Endpoint } from "../../domain/endpoint.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { type Aim, aimsBehind, endpointFor } from "../../routing/aims.ts";
import type { Gateway } from "../gateway.ts";
import type { Asker } from "../request/ask.ts";
import { questionOf } from "../request/question.ts";
import { type Manner, probe, type Question } from "./probe.ts";
import { identityOf, type ModelVerdict, verdictOn } from "./verdict.ts";

/** Models, each with what its targets are asked. */
export type Survey = readonly (readonly [model: string, questions: readonly Question[]])[];

/** What everybody is asked. */
export interface SurveyForm {
  readonly text: string;
  /** Null: what each model seems to be for. */
  readonly endpoint: Endpoint | null;
}

type Means = Pick<Gateway, "wire" | "state" | "books"> & { readonly snapshot: Snapshot };

/** What to ask of the targets behind names of the file; or the first name that nothing bears. */
export function surveyOf(
  { snapshot, wire }: Pick<Means, "snapshot" | "wire">,
  models: readonly string[],
  { text, endpoint }: SurveyForm,
): { readonly survey: Survey } | { readonly unknown: string } {
  const asker: Asker = {
    ...{ key: null, user: null, labels: {}, arrivedAt: wire.clock.now() },
    ...{ chance: 0.5, stickyChance: { key: 0.5, user: 0.5 } },
  };
  const survey: (readonly [string, readonly Question[]])[] = [];
  for (const model of models) {
    const aims = aimsBehind(snapshot, model);
    if (aims === null) return { unknown: model };
    const ask = (aim: Aim) => questionOf(endpoint ?? endpointFor(aim.node), { model, text }, asker);
    survey.push([model, aims.map((aim) => ({ aim, ask: ask(aim) }))]);
  }
  return { survey };
}

/** The questions that have to be asked: one for each endpoint, whichever models share it. */
export const distinctIn = (survey: Survey): readonly Question[] => [
  ...new Map(survey.flatMap(([, questions]) => questions.map((one) => [identityOf(one), one]))).values(),
];

/** Asks every endpoint once, and judges each model by its targets. */
export async function conduct(
  means: Means,
  survey: Survey,
  manner: Manner,
): Promise<readonly ModelVerdict[]> {
  const probed = await probe(means, distinctIn(survey), manner);
  const results = new Map(probed.map((each) => [identityOf(each), each.result]));
  return survey.map(([model, questions]) =>
    verdictOn(model, questions, (one) => results.get(identityOf(one))),
  );
}
