import { Elysia } from "elysia";
import type { Condition } from "../gateway/condition.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { refusalResponse } from "../gateway/response/respond.ts";
import type { Rolling } from "../rollout/open.ts";
import type { ServedBy } from "../rollout/served.ts";
import type { Peer } from "../runtime/listen.ts";
import type { Known } from "../simulate/world.ts";
import { board } from "./admin/board.ts";
import { checks } from "./admin/checks.ts";
import { type DraftFacts, draft } from "./admin/draft.ts";
import { errors } from "./admin/errors.ts";
import { explain } from "./admin/explain.ts";
import { generations } from "./admin/generations.ts";
import type { AdminFacts } from "./admin/guard.ts";
import { page } from "./admin/page.ts";
import { people } from "./admin/people.ts";
import { propose } from "./admin/propose.ts";
import { resets } from "./admin/resets.ts";
import { type Running, runningConfig } from "./admin/running.ts";
import { schema } from "./admin/schema.ts";
import { usage } from "./admin/usage.ts";
import { completions } from "./completions.ts";
import { cors } from "./cors.ts";
import { docs } from "./docs.ts";
import { arrivalOf, enter } from "./door.ts";
import { broken, notThere } from "./errors.ts";
import { type HealthFacts, health } from "./health.ts";
import { type HookFacts, hooks } from "./hooks.ts";
import type { Logger } from "./logger.ts";
import { type MetricsFacts, metrics } from "./metrics.ts";
import { modelTest, testPath } from "./model_test.ts";
import { models } from "./models.ts";

/** What the routes are about. */
export interface Site {
  readonly gateway: Gateway;
  readonly health: HealthFacts;
  readonly metrics: MetricsFacts;
  readonly hooks: HookFacts;
  readonly admin: AdminFacts;
  /** The live figures, for explanations. */
  readonly known: Known;
  readonly running: Running;
  readonly drafting: DraftFacts["drafting"];
  readonly rolling: Rolling;
  readonly servedBy: Pick<ServedBy, "of">;
  readonly conditions: () => readonly Condition[];
  readonly log: Logger;
}

/** The handler of every HTTP request: the door, then the routes. */
export function appOf(site: Site): (request: Request, peer: Peer) => Response | Promise<Response> {
  const { gateway, log } = site;
  const app = new Elysia({ normalize: false })
    .onError(({ error, code, request }) => {
      const { id } = arrivalOf(request);
      return code === "NOT_FOUND" ? notThere(request, id, known) : broken(error, id, log);
    })
    .use(completions(gateway))
    .use(models(gateway))
    .use(modelTest(gateway))
    .use(health(site))
    .use(metrics(site))
    .use(hooks(site))
    .use(docs(site.drafting.engine))
    .use(runningConfig(site))
    .use(explain(site))
    .use(page(site))
    .use(schema(site))
    .use(board(site))
    .use(usage(site))
    .use(draft(site))
    .use(checks(site))
    .use(errors(site))
    .use(generations(site))
    .use(people(site))
    .use(propose(site))
    .use(resets(site));
  const known = app.routes.map(({ method, path }) => ({
    method,
    path: method === "POST" && path === "/v1/models/*" ? testPath : path.replace(/:\w+$/, "*"),
  }));
  const handle = app.compile().fetch;
  return (request, peer) => {
    const entered = enter(request, peer, gateway.wire.clock);
    if (!entered.ok) return refusalResponse(entered.refusal, { "x-request-id": entered.id });
    return cors(entered.request, gateway.pointer.current().snapshot.http.corsOrigins, handle);
  };
}
