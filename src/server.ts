import { join } from "node:path";
import type { Diagnostic } from "./config/diagnostic.ts";
import { err, ok, type Result } from "./core/result.ts";
import { type Followed, followedBy } from "./followed.ts";
import { assemble } from "./gateway/assemble.ts";
import { conditions } from "./gateway/condition.ts";
import type { Gateway, Interaction } from "./gateway/gateway.ts";
import { liveOf, Pointer } from "./gateway/live.ts";
import { isSame } from "./gateway/request/auth.ts";
import { keyringOf } from "./gateway/request/keyring.ts";
import { Vault } from "./gateway/upstream/vault.ts";
import type { AdminFacts } from "./http/admin/guard.ts";
import { appOf, type Site } from "./http/app.ts";
import { gauges } from "./http/gauges.ts";
import { rolloutGauges } from "./http/rollout_gauges.ts";
import { Lessons } from "./limits/learn.ts";
import { Ledger } from "./limits/ledger.ts";
import { type Logs, openLogs } from "./logs/logs.ts";
import { isGoodNews } from "./metrics/database.ts";
import { type Journal, openJournal } from "./metrics/journal.ts";
import { keepingOf } from "./metrics/keeping.ts";
import { openLive } from "./metrics/live.ts";
import { Health } from "./resilience/health.ts";
import { checkpointEvery } from "./rollout/checkpoint.ts";
import { type Control, openControl } from "./rollout/control.ts";
import type { Generation } from "./rollout/generation.ts";
import { openRollout, type Rolling } from "./rollout/open.ts";
import type { Rollout } from "./rollout/rollout.ts";
import { ServedBy } from "./rollout/served.ts";
import type { Trial } from "./rollout/trial.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { type Listener, listen } from "./runtime/listen.ts";
import { mostRequests, openFilesLimit } from "./runtime/process.ts";
import type { Transport } from "./runtime/transport.ts";
import { transportFor } from "./runtime/transports.ts";
import { isLoopback, type Settings } from "./settings.ts";
import { openTelemetry, type Telemetry, wantsTelemetry } from "./telemetry/open.ts";
import { version } from "./version.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A gateway that serves. */
export interface Server {
  readonly port: number;
  readonly hostname: string;
  readonly rollout: Rollout;
  /** Takes nothing new, lets what is under way go on for `drainMs`, writes everything down, and ends. */
  readonly stop: (drainMs: number) => Promise<void>;
}

/** What outlives every configuration. */
interface Lasting {
  readonly settings: Settings;
  readonly startedAt: number;
  readonly vault: Vault;
  readonly logs: Logs;
  readonly control: Control;
  readonly ledger: Ledger;
  readonly health: Health;
  readonly lessons: Lessons;
  readonly transport: Transport;
  /** Requests by generation, until the next checkpoint has them. */
  readonly servedBy: ServedBy;
  /** Null where the environment asks for none. */
  readonly telemetry: Telemetry | null;
  readonly followed: Followed;
}

/** The composition root: builds every part, joins them, and listens. Refused when no configuration can be served. */
export async function start(
  settings: Settings,
  environment: Environment,
): Promise<Result<Server, readonly Diagnostic[]>> {
  const telemetry = wantsTelemetry(environment) ? await openTelemetry(environment, version) : null;
  const lasting = build(settings, environment, telemetry);
  const { control, logs, vault } = lasting;
  const checkpoints = checkpointEvery({
    ...lasting,
    clock,
    served: lasting.servedBy,
    onProblem: (problem) => logs.system.error({}, problem),
  });

  const served: { pointer: Pointer | null; journal: Journal | null } = { pointer: null, journal: null };
  const liveAs = ({ number, snapshot }: Generation, arm: "stable" | "canary") =>
    liveOf(snapshot, keyringOf(snapshot, vault, clock.now()), number, arm);
  const serve = (stable: Generation, trial: Trial | null) => {
    const live = liveAs(stable, "stable");
    const canary =
      trial === null ? null : { live: liveAs(trial.generation, "canary"), share: trial.rules.canary };
    served.pointer ??= new Pointer(live);
    served.pointer.replace(live, canary);
    logs.reconfigure(stable.snapshot.logging);
    served.journal?.keep(keepingOf(stable.snapshot));
  };
  const database = join(settings.dataDir, "switchyard.sqlite");
  const { secretsDir } = settings;
  const drafting = { database, engine: version, variables: environment, secretsDir };
  const rolling = openRollout({
    ...lasting.followed,
    control,
    clock,
    judge: {
      engine: version,
      variables: environment,
      look: (ref) => (ref.kind === "sha256" ? "set" : vault.look(ref, clock.now()).kind),
      mayBeOpen: settings.allowOpen || isLoopback(settings.host),
    },
    gate: drafting,
    log: logs.system,
    serve,
  });
  const { rollout } = rolling;
  const booted = await rollout.boot();
  if (!booted.ok || served.pointer === null) {
    await checkpoints.stop();
    await Promise.all([control.close(), logs.close()]);
    return err(booted.ok || booted.error.length === 0 ? lasting.followed.silence() : booted.error);
  }
  const journal = openJournal({
    file: database,
    keeping: keepingOf(booted.value.snapshot),
    onProblem: ({ code, message }) => logs.system[isGoodNews(code) ? "info" : "error"]({ code }, message),
  });
  served.journal = journal;
  const site = siteOf(lasting, served.pointer, journal, rolling, drafting);
  const listener = listen({
    hostname: settings.host,
    port: settings.port,
    maxBodyBytes: mostBodyBytes,
    handle: appOf(site),
  });
  const following = rolling.follow();
  logs.system.info(
    { port: listener.port, host: listener.hostname, generation: booted.value.number, version },
    "serving",
  );

  return ok({
    port: listener.port,
    hostname: listener.hostname,
    rollout,
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

/** The platform's own bound, whose answer is no error of ours, is out of the way: `http.max_body` is checked by us. */
const mostBodyBytes = Number.MAX_SAFE_INTEGER;

/** Bounds of the logs until the first configuration says its own. */
const untilConfigured = { maxFileBytes: 100 * 1024 * 1024, keepMs: 14 * 86_400_000 };

function build(settings: Settings, environment: Environment, telemetry: Telemetry | null): Lasting {
  const startedAt = clock.now();
  const logs = openLogs({ dir: settings.logDir, level: settings.logLevel, stdout: true, ...untilConfigured });
  const report = (problem: string) => logs.system.error({}, problem);
  const control = openControl(join(settings.dataDir, "state.sqlite"), startedAt, report);
  return {
    settings,
    startedAt,
    logs,
    vault: new Vault(environment, settings.secretsDir),
    control,
    ledger: new Ledger(),
    health: new Health(),
    lessons: new Lessons(),
    transport: transportFor(environment, (warning) => logs.system.warn({}, warning)),
    servedBy: new ServedBy(),
    telemetry,
    followed: followedBy({ settings, environment, control, log: logs.system, clock }),
  };
}

function siteOf(
  lasting: Lasting,
  pointer: Pointer,
  journal: Journal,
  rolling: Rolling,
  drafting: Site["drafting"],
): Site {
  const { ledger, health, logs, settings, startedAt, servedBy, telemetry } = lasting;
  const { rollout, orders } = rolling;
  const live = openLive();
  const gateway = assemble({
    ...lasting,
    pointer,
    clock,
    most: mostRequests(openFilesLimit()),
    overrides: orders.disabled,
    beginSpan: telemetry?.begin,
    onEnd: (row, trace) => {
      telemetry?.observe(row, trace);
      live.observe(row);
      rollout.deployment.observe(row);
      servedBy.count(row.generation);
      journal.record(row);
      logs.request(row);
    },
    onInteraction: logInteraction(logs),
  });
  const current = () => pointer.current();
  const condition = () => conditions(current().snapshot, gateway.state, health, ledger, clock.now());
  const admin = adminOf(settings);
  return {
    gateway,
    log: logs.system,
    admin,
    hooks: lasting.followed.hooks,
    known: lasting,
    running: () => rollout.deployment.active,
    rolling,
    servedBy,
    drafting,
    conditions: condition,
    health: {
      uptimeS: () => Math.floor((clock.now() - startedAt) / 1_000),
      status: rolling.status,
      providers: condition,
    },
    metrics: {
      journal,
      conditions: condition,
      startedAt,
      isAdmin: admin.isKey,
      scrape: (format) =>
        live.render(format, current().snapshot, [
          ...gauges({
            snapshot: current().snapshot,
            inFlight: gateway.traffic.inFlight,
            ledger,
            endpoints: health.list(clock.now()),
            droppedRows: journal.dropped(),
            nowMs: clock.now(),
          }),
          ...rolloutGauges({ rolling, inFlightOf: gateway.traffic.inFlightOf }),
        ]),
    },
  };
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
