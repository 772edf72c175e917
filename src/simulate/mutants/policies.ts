import { builtInPolicy } from "../../config/compile/policies.ts";
import { type FailureKind, failoverKinds, failure } from "../../domain/failure.ts";
import type { FailoverPolicy, Model, Snapshot } from "../../domain/snapshot.ts";
import { VirtualClock } from "../clock.ts";
import { nameOf } from "../names.ts";
import { requestFor, standardMoment } from "../outage.ts";
import { runAlone } from "../run.ts";
import { worldOf } from "../world.ts";
import { withPolicy } from "./edit.ts";
import { lineOf, type Mutant, modelsIn } from "./mutant.ts";

/** Policies of the file that try more often, or after more kinds of failure; only where that leads to other attempts. */
export async function policyMutants(snapshot: Snapshot): Promise<readonly Mutant[]> {
  const models = modelsIn(snapshot).filter(({ enabled, visible }) => enabled && visible);
  const names = new Set(models.map(({ failover }) => failover.name));
  names.delete(builtInPolicy.name);
  const found: Mutant[] = [];
  for (const name of names) {
    const followers = models.filter(({ failover }) => failover.name === name);
    for (const way of waysOf(snapshot, followers)) {
      const changed = withPolicy(snapshot, name, (policy) => ({ ...policy, ...way.to }));
      if (!(await differs(snapshot, changed, followers, way.after))) continue;
      found.push({
        at: way.at,
        says: `policy ${name} with ${way.says}`,
        make: () => changed,
        touches: ({ asked }) => followers.some((model) => asked.has(model.name)),
      });
    }
  }
  return found;
}

/** One change of a policy, and the failures after which it should show. */
interface Way {
  readonly at: Mutant["at"];
  readonly says: string;
  readonly to: Partial<FailoverPolicy>;
  readonly after: readonly FailureKind[];
}

function waysOf(snapshot: Snapshot, followers: readonly Model[]): readonly Way[] {
  const [model] = followers;
  if (model === undefined) return [];
  const { failover } = model;
  const { maxAttempts, retries, on } = failover;
  const at = (field: string) => lineOf(snapshot, failover, field, model.at);
  const isWritten = (field: string) => snapshot.lines.of(failover, field) !== null;
  const missing = failoverKinds.filter((kind) => !on.includes(kind));
  const passing = on.filter((kind) => kind === "server" || kind === "network");
  return [
    ...(isWritten("max_attempts")
      ? [
          {
            at: at("max_attempts"),
            says: `max_attempts ${maxAttempts + 1} instead of ${maxAttempts}`,
            to: { maxAttempts: maxAttempts + 1 },
            after: on,
          },
        ]
      : []),
    ...(isWritten("retries")
      ? [
          {
            at: at("retries"),
            says: `retries ${retries + 1} instead of ${retries}`,
            to: { retries: retries + 1 },
            after: passing,
          },
        ]
      : []),
    ...(missing.length > 0
      ? [
          {
            at: at("on"),
            says: `${missing.join(", ")} added to on`,
            to: { on: failoverKinds },
            after: missing,
          },
        ]
      : []),
  ];
}

/** Whether a follower whose every attempt fails in one of these ways makes other attempts. */
async function differs(
  before: Snapshot,
  after: Snapshot,
  followers: readonly Model[],
  kinds: readonly FailureKind[],
): Promise<boolean> {
  for (const model of followers) {
    for (const kind of kinds) {
      if ((await trail(before, model, kind)) !== (await trail(after, model, kind))) return true;
    }
  }
  return false;
}

async function trail(snapshot: Snapshot, model: Model, kind: FailureKind): Promise<string> {
  const name = nameOf(snapshot, model);
  if (name === null) return "";
  const world = worldOf(snapshot, { clock: new VirtualClock(standardMoment) });
  const ran = await runAlone(world, requestFor(snapshot, name, standardMoment), () => ({
    kind: "failed",
    latencyMs: 0,
    failure: failure(kind, "scripted"),
  }));
  return ran.tried.map(({ decision }) => `${decision.target.provider.name}/${decision.upstream}`).join(" ");
}
