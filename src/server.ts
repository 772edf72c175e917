import { bringUp } from "./bring_up.ts";
import type { Diagnostic } from "./config/diagnostic.ts";
import { ok, type Result } from "./core/result.ts";
import type { Gateway } from "./gateway/gateway.ts";
import { appOf, type Site } from "./http/app.ts";
import { type Environment, openLasting } from "./lasting.ts";
import { checkpointEvery } from "./rollout/checkpoint.ts";
import type { Rollout } from "./rollout/rollout.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { type Listener, listen } from "./runtime/listen.ts";
import type { Settings } from "./settings.ts";
import { siteOf } from "./site.ts";
import { openTelemetry, wantsTelemetry } from "./telemetry/open.ts";
import { version } from "./version.ts";

/** A gateway that serves. */
export interface Server {
  readonly port: number;
  readonly hostname: string;
  readonly rollout: Rollout;
  /** Takes nothing new, lets what is under way go on for `drainMs`, writes everything down, and ends. */
  readonly stop: (drainMs: number) => Promise<void>;
}

/** The composition root: builds every part, joins them, and listens. Refused when no configuration can be served. */
export async function start(
  settings: Settings,
  environment: Environment,
): Promise<Result<Server, readonly Diagnostic[]>> {
  const telemetry = wantsTelemetry(environment) ? await openTelemetry(environment, version) : null;
  const lasting = openLasting(settings, environment, telemetry);
  const { control, logs, servedBy: served } = lasting;
  const onProblem = (problem: string) => logs.system.error({}, problem);
  const checkpoints = checkpointEvery({ ...lasting, clock, served, onProblem });
  const up = await bringUp(lasting, environment);
  if (!up.ok) {
    await checkpoints.stop();
    await Promise.all([control.close(), logs.close()]);
    return up;
  }
  const { rolling, journal, generation } = up.value;
  const site = siteOf(lasting, up.value);
  const listener = listenTo(site, settings);
  const { hostname, port } = listener;
  const following = rolling.follow();
  logs.system.info({ port, host: hostname, generation: generation.number, version }, "serving");

  return ok({
    port,
    hostname,
    rollout: rolling.rollout,
    stop: async (drainMs) => {
      following.stop();
      await finish(site.gateway, listener, drainMs);
      lasting.transport.close();
      await lasting.telemetry?.close();
      await Promise.all([checkpoints.stop().then(control.close), journal.close()]);
      logs.system.info({}, "stopped");
      await logs.close();
    },
  });
}

const listenTo = (site: Site, { host, port }: Settings): Listener =>
  listen({ hostname: host, port, maxBodyBytes: mostBodyBytes, handle: appOf(site) });

/** The platform's own bound, whose answer is no error of ours, is out of the way: `http.max_body` is checked by us. */
const mostBodyBytes = Number.MAX_SAFE_INTEGER;

/**
 * New requests are refused first, so that a load balancer turns away; then the open ones get their time, and streams that
 * need more of it an error event.
 */
async function finish({ traffic }: Gateway, listener: Listener, drainMs: number): Promise<void> {
  await traffic.drain(drainMs);
  traffic.cutStreams();
  for (const force of [false, true]) {
    await Promise.race([listener.stop(force), clock.sleep(1_000, new AbortController().signal)]);
  }
}
