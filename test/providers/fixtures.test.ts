import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { UpstreamRequest } from "../../src/domain/adapter.ts";
import { adapterOf, adapters } from "../../src/providers/registry.ts";
import { cases } from "../support/thorough.ts";
import { expectEmbeddings, expectError, expectStream, expectWhole } from "./expect_fixture.ts";
import {
  endpointOf,
  type Fixture,
  fixturesOf,
  folders,
  hasFixtures,
  responseOf,
  upstream,
} from "./fixtures.ts";
import { runStream } from "./joined.ts";

setDefaultTimeout(20_000);

/** Streams up to this size are cut at every byte (in the quick run at every eleventh), larger ones at a prime step. */
const smallBelow = 4_000;
const smallStep = cases(11, 1);
const primeStep = cases(997, 499);

/** Kinds without a public service to record: the built-in model, and whatever a company runs for itself. */
const unrecorded: readonly string[] = ["simulated", "request"];

test.skipIf(!hasFixtures)("every adapter that speaks over a network has recorded traffic", () => {
  const recorded: readonly string[] = Object.values(folders);
  expect(
    Object.keys(adapters)
      .filter((kind) => !unrecorded.includes(kind))
      .sort(),
  ).toEqual([...new Set(recorded)].filter((kind) => Object.hasOwn(adapters, kind)).sort());
});

for (const [folder, kind] of Object.entries(folders)) {
  const adapter = adapterOf(kind);
  const all = fixturesOf(folder);
  const named = (keep: (fixture: Fixture) => boolean) =>
    all.filter(keep).map((fixture) => [fixture.id, fixture] as const);
  const requestOf = (fixture: Fixture): UpstreamRequest =>
    upstream(
      kind,
      {},
      {
        endpoint: endpointOf(fixture),
        stream: fixture.streaming,
        model: fixture.upstream_model ?? "some-model",
      },
    );

  describe.skipIf(!hasFixtures)(`recorded ${folder} traffic`, () => {
    test.each(named(({ expected, streaming }) => !streaming && expected.choices !== undefined))(
      "%s",
      (_id, fixture) => expectWhole(adapter.decode(bodyOf(fixture), requestOf(fixture)), fixture, kind),
    );

    test.each(named(({ expected }) => expected.kind === "embedding_list"))("%s", (_id, fixture) => {
      const decoded = adapter.decode(bodyOf(fixture), requestOf(fixture));
      expectEmbeddings(decoded.ok ? decoded.body : null, fixture.expected);
    });

    test.each(named(({ expected }) => expected.kind === "error"))("%s", (_id, fixture) => {
      const text = new TextDecoder().decode(responseOf(fixture));
      expectError(adapter, fixture, text);
    });

    test.each(named(({ streaming }) => streaming))("%s", (_id, fixture) => {
      const items = runStream(adapter, requestOf(fixture), responseOf(fixture));
      expectStream(items, fixture, kind);
    });

    test.each(named(({ streaming }) => streaming))("%s is the same however it is cut", (_id, fixture) => {
      const bytes = responseOf(fixture);
      const request = requestOf(fixture);
      const whole = JSON.stringify(runStream(adapter, request, bytes));
      const step = bytes.length < smallBelow ? smallStep : primeStep;
      // No two recordings are cut in the same places.
      for (let cut = 1 + (bytes.length % step); cut < bytes.length; cut += step) {
        if (JSON.stringify(runStream(adapter, request, bytes, [cut])) !== whole)
          expect(`cut at byte ${cut}`).toBe("the same as uncut");
      }
      const pieces = Array.from({ length: Math.floor(bytes.length / 7) }, (_, index) => (index + 1) * 7);
      expect(JSON.stringify(runStream(adapter, request, bytes, pieces))).toBe(whole);
    });

    test.each(named(({ streaming }) => streaming))(
      "%s is the same whatever ends its lines",
      (_id, fixture) => {
        const request = requestOf(fixture);
        const text = new TextDecoder().decode(responseOf(fixture)).replace(/\r\n?/g, "\n");
        const seen = ["\n", "\r\n", "\r"].map((end) => {
          const bytes = new TextEncoder().encode(text.replaceAll("\n", end));
          return JSON.stringify(runStream(adapter, request, bytes));
        });
        expect(new Set(seen).size).toBe(1);
      },
    );
  });
}

function bodyOf(fixture: Fixture): unknown {
  return JSON.parse(new TextDecoder().decode(responseOf(fixture)));
}
