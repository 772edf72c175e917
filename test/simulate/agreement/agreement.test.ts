import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { topOf } from "../../../src/config/tree.ts";
import type { RequestRow } from "../../../src/domain/journal.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import type { Case } from "../../../src/simulate/scenario/case.ts";
import { perform } from "../../../src/simulate/scenario/perform.ts";
import { type Sent, statusOf } from "../../../src/simulate/scenario/sent.ts";
import { snapshotOf } from "../../config/helpers.ts";
import { trials } from "./generate.ts";
import { startLive } from "./live.ts";
import { startScripted } from "./scripted.ts";

setDefaultTimeout(20_000);

/** A few in the quick suite; `bun run test:agreement` tries thousands. */
const runs = Number(process.env["AGREEMENT"] ?? 60);

const providers = await startScripted();
const gateway = startLive();
afterAll(async () => {
  await gateway.stop();
  providers.stop();
});

/** What one request came to, as both sides tell it. */
interface Came {
  readonly status: number;
  readonly code: string | null;
  readonly attempts: readonly string[];
}

const predicted = (sent: Sent): Came => ({
  status: statusOf(sent),
  code: sent.refusal?.code ?? null,
  attempts: (sent.ran?.tried ?? []).map(
    ({ decision, failure }) =>
      `${decision.serving.name} ${decision.target.provider.name}/${decision.upstream} ${failure?.kind ?? "ok"}`,
  ),
});

const happened = ({ status, code, attempts }: RequestRow): Came => ({
  status,
  code,
  attempts: attempts.map(
    ({ served_model, provider, upstream, outcome }) => `${served_model} ${provider}/${upstream} ${outcome}`,
  ),
});

test(
  "the gateway makes the attempts that a test of its routing file predicts",
  async () => {
    await fc.assert(
      fc.asyncProperty(trials(providers.base), async ({ routes, scene }) => {
        const snapshot = snapshotOf(routes);
        // Days and months are what they are for the gateway.
        const given = { ...scene.given, at: systemClock.now() };
        const whole: Case = {
          name: "it",
          at: topOf("routes.test.yaml"),
          forAll: null,
          expect: [],
          ...scene,
          given,
        };
        const told = await perform(snapshot, whole, { model: scene.send.model, outage: null });
        providers.rehearse(scene.given.providers, scene.send.tokens);
        const rows = await gateway.send(snapshot, scene);
        expect(rows.map(happened)).toEqual(told.map(predicted));
      }),
      { numRuns: runs },
    );
  },
  runs * 2_000,
);
