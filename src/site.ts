import type { Up } from "./bring_up.ts";
import { assemble } from "./gateway/assemble.ts";
import { conditions } from "./gateway/condition.ts";
import type { Gateway, Interaction } from "./gateway/gateway.ts";
import { isSame } from "./gateway/request/auth.ts";
import type { AdminFacts } from "./http/admin/guard.ts";
import type { Site } from "./http/app.ts";
import { gauges } from "./http/gauges.ts";
import { rolloutGauges } from "./http/rollout_gauges.ts";
import type { Lasting } from "./lasting.ts";
import type { Logs } from "./logs/logs.ts";
import { type Live, openLive } from "./metrics/live.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { mostRequests, openFilesLimit } from "./runtime/process.ts";
import { isLoopback, type Settings } from "./settings.ts";

/** Joins the gateway and everything that is told of it to what the routes are about. */
export function siteOf(lasting: Lasting, up: Up): Site {
  const { ledger, health, logs, settings, startedAt, servedBy, followed } = lasting;
  const { pointer, journal, rolling, drafting } = up;
  const live = openLive();
  const gateway = gatewayOf(lasting, up, live);
  const current = () => pointer.current().snapshot;
  const condition = () => conditions(current(), gateway.state, health, ledger, clock.now());
  const admin = adminOf(settings);
  const scrape: Site["metrics"]["scrape"] = (format) =>
    live.render(format, current(), [
      ...gauges({
        snapshot: current(),
        inFlight: gateway.traffic.inFlight,
        ledger,
        endpoints: health.list(clock.now()),
        droppedRows: journal.dropped(),
        nowMs: clock.now(),
      }),
      ...rolloutGauges({ rolling, inFlightOf: gateway.traffic.inFlightOf }),
    ]);
  return {
    ...{
      gateway,
      admin,
      rolling,
      servedBy,
      drafting,
      log: logs.system,
      hooks: followed.hooks,
      known: lasting,
    },
    running: () => rolling.rollout.deployment.active,
    conditions: condition,
    health: {
      uptimeS: () => Math.floor((clock.now() - startedAt) / 1_000),
      status: rolling.status,
      providers: condition,
    },
    metrics: { journal, conditions: condition, startedAt, isAdmin: admin.isKey, scrape },
  };
}

/** Every request that ends is told to all who count, watch or write. */
function gatewayOf(lasting: Lasting, { pointer, journal, rolling }: Up, live: Live): Gateway {
  const { logs, servedBy, telemetry } = lasting;
  return assemble({
    ...lasting,
    pointer,
    clock,
    most: mostRequests(openFilesLimit()),
    overrides: rolling.orders.disabled,
    beginSpan: telemetry?.begin,
    onEnd: (row, trace) => {
      telemetry?.observe(row, trace);
      live.observe(row);
      rolling.rollout.deployment.observe(row);
      servedBy.count(row.generation);
      journal.record(row);
      logs.request(row);
    },
    onInteraction: logInteraction(logs),
  });
}

const adminOf = ({ adminKey, host, allowedHosts }: Settings): AdminFacts => ({
  hasKey: adminKey !== null,
  isKey: (token) => adminKey !== null && isSame(token, adminKey),
  isOwnHost: (name) => isLoopback(name) || name === host.toLowerCase() || allowedHosts.includes(name),
});

const logInteraction =
  (logs: Logs) =>
  ({ row, sent, answer, error, logging }: Interaction): void => {
    const {
      request_id,
      arrived_at: at,
      model,
      provider,
      upstream,
      status,
      outcome,
      duration_ms,
      usage: tokens,
      attempts,
    } = row;
    const about = {
      request_id,
      at,
      model,
      provider,
      upstream,
      status,
      outcome,
      duration_ms,
      attempts,
      tokens,
    };
    logs.interaction({ ...about, request: sent, answer, error }, logging);
  };
