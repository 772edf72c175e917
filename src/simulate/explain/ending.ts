import type { Params, Snapshot } from "../../domain/snapshot.ts";
import { addressOf } from "../../gateway/upstream/address.ts";
import { type Saying, spokenEndpoint, type Translated } from "../../gateway/upstream/translate.ts";
import { paramSteps } from "../../routing/explain/params.ts";
import { costSteps } from "../../routing/explain/price.ts";
import { type Step, step } from "../../routing/explain/step.ts";
import { answerStep, refusalStep } from "../../routing/explain/verdict.ts";
import { json } from "../../routing/explain/words.ts";
import type { Ran } from "../run.ts";

/** What the last attempt was sent, what it cost, and how it all ended. */
export function endingSteps(
  snapshot: Snapshot,
  ran: Ran,
  saying: Saying,
  spoken: Translated | null,
): readonly Step[] {
  const last = ran.tried.at(-1);
  const sent = spoken === null ? null : sentIn(spoken);
  const parameters =
    last === undefined
      ? []
      : [
          ...paramSteps(
            snapshot,
            last.decision,
            saying.params,
            spokenEndpoint(last.decision, saying.endpoint),
          ),
          ...(spoken?.ok ? spoken.encoded.losses.map(({ says }) => step(says, null)) : []),
          ...(sent === null
            ? []
            : [step(`sent to ${sent.url}: ${json(sent.body, 600)}`, last.decision.target.at)]),
        ];
  if (!ran.ok) return [...parameters, refusalStep(ran)];
  return [
    answerStep(ran.decision, ran.tried.length),
    ...parameters,
    ...costSteps(snapshot, ran.decision, ran.usage),
  ];
}

/** What went to a provider, and where; a query of the file may hold more than people should see. */
export function sentIn(spoken: Translated): { readonly url: string; readonly body: Params } | null {
  if (!spoken.ok) return null;
  const { upstream, encoded } = spoken;
  const { origin, pathname } = addressOf(upstream.provider, upstream.model, encoded.path);
  return { url: `${origin}${pathname}`, body: encoded.body };
}
