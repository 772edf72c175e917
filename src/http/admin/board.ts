import { Elysia } from "elysia";
import { err, ok } from "../../core/result.ts";
import { counted, type Rule } from "../../domain/limits.ts";
import { refuse } from "../../domain/refusal.ts";
import type { Condition } from "../../gateway/condition.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import type { Ledger } from "../../limits/ledger.ts";
import type { EndpointHealth } from "../../resilience/health.ts";
import type { Rolling } from "../../rollout/open.ts";
import type { Override } from "../../rollout/orders.ts";
import { graphOf } from "../../routing/graph.ts";
import { rulesOf, type ScopedRule } from "../../routing/rules.ts";
import { type Outage, outages } from "../../simulate/outage.ts";
import type { Known } from "../../simulate/world.ts";
import { type AdminFacts, guarded } from "./guard.ts";

/** What the board shows. */
export interface BoardFacts {
  readonly gateway: Gateway;
  readonly admin: AdminFacts;
  readonly known: Known;
  readonly rolling: Pick<Rolling, "orders">;
  readonly conditions: () => readonly Condition[];
}

/** A matrix of more cells than this is asked for model by model. */
const mostModels = 200;

/** GET /admin/api/routes, /limits and /outages: the graph, what is left of each limit, and who answers while who is down. */
export function board({ gateway, admin, known, rolling, conditions }: BoardFacts) {
  const now = () => gateway.wire.clock.now();
  return new Elysia({ name: "board" })
    .get("/admin/api/routes", ({ request }) =>
      guarded(gateway, admin, request, async (_, { snapshot, generation }) =>
        ok({
          generation,
          digest: snapshot.digest,
          ...graphOf(snapshot),
          keys: snapshot.auth.keys.map(({ id }) => id),
          disabled: rolling.orders.overrides(now()).map(disabledOf),
          providers: conditions(),
          endpoints: known.health
            .list(now())
            .filter(({ provider }) => snapshot.providers.has(provider))
            .map(endpointOf),
        }),
      ),
    )
    .get("/admin/api/limits", ({ request }) =>
      guarded(gateway, admin, request, async (_, { snapshot }) =>
        ok({
          limits: rulesOf(snapshot)
            .filter(({ rule }) => counted[rule.limit].kind !== "ceiling")
            .map((rule) => useOf(rule, known.ledger, now())),
        }),
      ),
    )
    .get("/admin/api/outages", ({ request }) =>
      guarded(gateway, admin, request, async (asked, { snapshot }) => {
        const models = new URL(asked.url).searchParams.getAll("model");
        const all = snapshot.models.size + snapshot.patterns.length;
        if (models.length === 0 && all > mostModels) return err(refuse("invalid_request", tooMany(all)));
        const cells = await outages(snapshot, models.length === 0 ? {} : { models });
        return ok({ providers: [...snapshot.providers.keys()], cells: cells.map(cellOf) });
      }),
    );
}

const tooMany = (all: number): string =>
  `The file has ${all} models; name up to ${mostModels} of them with ?model=NAME.`;

/** The credential that an endpoint belongs to is nobody's to see. */
const endpointOf = ({ provider, upstream, circuit, latencyMs }: EndpointHealth) => ({
  provider,
  model: upstream,
  circuit,
  latency_ms: latencyMs,
});

const disabledOf = ({ what, until, who, reason }: Override) => ({
  ...what,
  until: until === null ? null : new Date(until).toISOString(),
  ...{ who, reason },
});

function useOf(scoped: ScopedRule, ledger: Ledger, now: number) {
  const { scope, name, rule } = scoped;
  const { limit, of, at }: Rule = rule;
  const { unit, says } = counted[limit];
  const used = ledger.used(scoped, now);
  const reset = ledger.untilReset(scoped, now);
  return { scope, name, limit, unit, says, used, of, reset_ms: reset, file: at.file, line: at.line };
}

const cellOf = ({ model, outage, answer, refusal }: Outage) => ({
  model,
  outage,
  answer,
  refusal: refusal && { code: refusal.code, message: refusal.message },
});
