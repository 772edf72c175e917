import { Elysia } from "elysia";
import type { RequestRow } from "../../../src/domain/journal.ts";
import type { Snapshot } from "../../../src/domain/snapshot.ts";
import { assemble } from "../../../src/gateway/assemble.ts";
import type { Gateway } from "../../../src/gateway/gateway.ts";
import { liveOf, Pointer } from "../../../src/gateway/live.ts";
import { keyringOf } from "../../../src/gateway/request/keyring.ts";
import { Vault } from "../../../src/gateway/upstream/vault.ts";
import { completions } from "../../../src/http/completions.ts";
import { enter } from "../../../src/http/door.ts";
import { Lessons } from "../../../src/limits/learn.ts";
import { Ledger } from "../../../src/limits/ledger.ts";
import { Health } from "../../../src/resilience/health.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { listen } from "../../../src/runtime/listen.ts";
import { transportFor } from "../../../src/runtime/transports.ts";
import { chanceAt } from "../../../src/simulate/chance.ts";
import type { Case } from "../../../src/simulate/scenario/case.ts";
import { takenAway } from "../../../src/simulate/scenario/perform.ts";
import { spend } from "../../../src/simulate/scenario/spent.ts";

const environment = {
  CLIENT: "client-secret",
  KEY_a: "a1",
  SPARE_a: "a2",
  KEY_b: "b1",
  SPARE_b: "b2",
  KEY_c: "c1",
  SPARE_c: "c2",
};

/** The gateway on a loopback port, one configuration after another. */
export interface LiveGateway {
  /** Sends the requests of a case one after another to a gateway that knows nothing yet; the journal's rows, in order. */
  readonly send: (snapshot: Snapshot, scene: Pick<Case, "given" | "send">) => Promise<readonly RequestRow[]>;
  readonly stop: () => Promise<void>;
}

/** Starts it. */
export function startLive(): LiveGateway {
  const transport = transportFor({}, () => {});
  const vault = new Vault(environment, "/nowhere");
  const serving: { gateway: Gateway | null } = { gateway: null };
  const current = (): Gateway => {
    if (serving.gateway === null) throw new Error("nothing is served yet");
    return serving.gateway;
  };
  // One server for all of them: each request is served by the gateway of its time.
  const proxy = new Proxy({} as Gateway, { get: (_, name) => Reflect.get(current(), name) });
  const handle = new Elysia({ normalize: false }).use(completions(proxy)).compile().fetch;
  const listener = listen({
    hostname: "127.0.0.1",
    port: 0,
    maxBodyBytes: 1024 ** 2,
    handle: (request, peer) => {
      const entered = enter(request, peer, clock);
      return entered.ok ? handle(entered.request) : new Response(null, { status: 400 });
    },
  });
  return {
    send: async (snapshot, { given, send }) => {
      const rows: RequestRow[] = [];
      const ledger = new Ledger();
      spend(snapshot, ledger, given.spent, clock.now());
      let drawn = 0;
      serving.gateway = assemble({
        pointer: new Pointer(liveOf(snapshot, keyringOf(snapshot, vault, clock.now()), 1)),
        vault,
        transport,
        clock,
        ledger,
        health: new Health(),
        lessons: new Lessons(),
        most: 1_000,
        overrides: takenAway(given.disabled),
        onEnd: (row) => void rows.push(row),
        onInteraction: () => {},
        chance: () => chanceAt(send.seed, drawn++),
      });
      for (let index = 0; index < send.repeat; index++) {
        const answer = await fetch(`http://127.0.0.1:${listener.port}/v1/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${environment.CLIENT}` },
          body: bodyOf(send),
        });
        await answer.text();
      }
      return rows;
    },
    stop: async () => {
      transport.close();
      await listener.stop(true);
    },
  };
}

const bodyOf = ({ model, tokens, maxTokens, stream, user }: Case["send"]): string =>
  JSON.stringify({
    ...(model === null ? {} : { model }),
    messages: [{ role: "user", content: "x".repeat(tokens * 4) }],
    ...(maxTokens === null ? {} : { max_tokens: maxTokens }),
    ...(stream ? { stream } : {}),
    ...(user === null ? {} : { user }),
  });
