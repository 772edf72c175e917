import { attemptSteps, type Before, endSteps } from "./explain/attempts.ts";
import { chosenSteps } from "./explain/chosen.ts";
import type { Used } from "./explain/limits.ts";
import { nameSteps } from "./explain/names.ts";
import type { Step } from "./explain/step.ts";
import { visitSteps } from "./explain/targets.ts";
import type { Look, Watch } from "./watch.ts";

/** Follows one request through all its decisions. */
export interface Teller {
  /** To be told of each decision, while what it looked at still stands. */
  readonly watch: Watch;
  /** Every rule that spoke so far, in the order in which they did, some of them more than once. */
  readonly steps: () => readonly Step[];
}

/** Tells why a request goes where it goes, out of what `plan` itself looked at: nothing is decided here. */
export function tellerWith(used: Used): Teller {
  const steps: Step[] = [];
  let before: Before | null = null;
  return {
    watch: (look) => {
      steps.push(...stepsOf(look, before, used));
      before = afterwards(look);
    },
    steps: () => steps,
  };
}

const stepsOf = (look: Look, before: Before | null, used: Used): readonly Step[] => [
  ...(before === null ? nameSteps(look) : attemptSteps(look, before)),
  ...visitSteps(look, used),
  ...endSteps(look),
  ...chosenSteps(look, used),
];

function afterwards({ scene: { history, state, now }, decision }: Look): Before {
  const circuit = decision.kind === "try" ? state.circuit(decision.endpointId, now) : null;
  return { attempts: history.length, circuit };
}
