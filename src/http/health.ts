import { Elysia } from "elysia";
import type { Condition } from "../gateway/condition.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { Status } from "../rollout/status.ts";
import { arrivalOf } from "./door.ts";

/** What health is told from: asked anew at each look. */
export interface HealthFacts {
  readonly uptimeS: () => number;
  readonly status: () => Status;
  readonly providers: () => readonly Condition[];
}

/** GET /health, /v1/health: 200 while new requests are welcome, else 503. Open to everyone, so it names no secret. */
export function health({
  gateway,
  health: facts,
}: {
  readonly gateway: Gateway;
  readonly health: HealthFacts;
}) {
  const look = ({ request }: { readonly request: Request }) => {
    const { snapshot, generation, label } = gateway.pointer.current();
    const serving = !gateway.traffic.isDraining;
    const { boot, canary, pinned, suspended } = facts.status();
    const { degraded } = boot;
    const body = {
      status: !serving ? "draining" : degraded === null ? "ok" : "degraded",
      generation,
      digest: snapshot.digest,
      degraded,
      canary: canary === null ? null : { generation: canary.generation, share: canary.share },
      pinned: pinned?.generation ?? null,
      suspended: suspended !== null,
      uptime_s: facts.uptimeS(),
      in_flight: gateway.traffic.inFlight,
      providers: facts
        .providers()
        .map(({ provider, healthy, circuit, reason }) => ({ provider, healthy, circuit, reason })),
    };
    const headers = {
      "content-type": "application/json",
      "x-request-id": arrivalOf(request).id,
      "x-gateway-config": label,
    };
    return new Response(JSON.stringify(body), { status: serving ? 200 : 503, headers });
  };
  return new Elysia({ name: "health" }).get("/health", look).get("/v1/health", look);
}
