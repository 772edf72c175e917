import { describe, expect, test } from "bun:test";
import {
  after,
  type Circuit,
  circuitAt,
  circuitState,
  closedCircuit,
  probeLeaseMs,
} from "../../src/resilience/breaker.ts";

const policy = { failures: 3, withinMs: 10_000, openForMs: 5_000 };
const start = Date.UTC(2026, 10, 21);

type Happening = readonly [
  atMs: number,
  kind: "ok" | "fail" | "begin" | "probe ok" | "probe fail" | "probe ?",
  startedMs?: number,
];

/** Plays happenings in order; an attempt began where the third figure says, else just before it ended. */
function play(happenings: readonly Happening[], from: Circuit = closedCircuit): Circuit {
  return happenings.reduce((circuit, [atMs, kind, startedMs = atMs - 1]) => {
    if (kind === "begin") return after(circuit, { kind: "begun" }, start + atMs);
    const isProbe = kind.startsWith("probe");
    const end = kind.endsWith("ok") ? "succeeded" : kind.endsWith("fail") ? "failed" : "inconclusive";
    return after(circuit, { kind: end, isProbe, policy, startedAt: start + startedMs }, start + atMs);
  }, from);
}

const opening: readonly Happening[] = [
  [0, "fail"],
  [1, "fail"],
  [2, "fail"],
];

describe("a circuit", () => {
  test.each<{ name: string; happenings: readonly Happening[]; atMs: number; expected: string }>([
    { name: "is closed at first", happenings: [], atMs: 0, expected: "closed" },
    { name: "stays closed below its failures", happenings: opening.slice(1), atMs: 3, expected: "closed" },
    { name: "opens on its failures within the window", happenings: opening, atMs: 3, expected: "open" },
    {
      name: "stays closed when they are spread over more than the window",
      happenings: [
        [0, "fail"],
        [5_000, "fail"],
        [10_000, "fail"],
      ],
      atMs: 10_001,
      expected: "closed",
    },
    {
      name: "opens when the last ones fall into one window",
      happenings: [
        [0, "fail"],
        [5_000, "fail"],
        [10_000, "fail"],
        [10_500, "fail"],
      ],
      atMs: 10_501,
      expected: "open",
    },
    {
      name: "opens although successes came between",
      happenings: [
        [0, "fail"],
        [1, "ok"],
        [2, "fail"],
        [3, "ok"],
        [4, "ok"],
        [5, "fail"],
      ],
      atMs: 6,
      expected: "open",
    },
    {
      name: "lets one probe through when its time is over",
      happenings: opening,
      atMs: 5_002,
      expected: "probe",
    },
    {
      name: "lets no second one through",
      happenings: [...opening, [5_002, "begin"]],
      atMs: 5_003,
      expected: "open",
    },
    {
      name: "closes when the probe succeeds",
      happenings: [...opening, [5_002, "begin"], [5_900, "probe ok", 5_002]],
      atMs: 5_901,
      expected: "closed",
    },
    {
      name: "opens again when the probe fails",
      happenings: [...opening, [5_002, "begin"], [5_900, "probe fail", 5_002]],
      atMs: 10_899,
      expected: "open",
    },
    {
      name: "and is half open again after as long",
      happenings: [...opening, [5_002, "begin"], [5_900, "probe fail", 5_002]],
      atMs: 10_900,
      expected: "probe",
    },
    {
      name: "has room for another probe when one says nothing",
      happenings: [...opening, [5_002, "begin"], [5_900, "probe ?", 5_002]],
      atMs: 5_901,
      expected: "probe",
    },
    {
      name: "gives up on a probe that never ends",
      happenings: [...opening, [5_002, "begin"]],
      atMs: 5_002 + probeLeaseMs,
      expected: "probe",
    },
    {
      name: "does not take a late failure for more than it is",
      happenings: [...opening, [4_000, "fail", -500]],
      atMs: 5_002,
      expected: "probe",
    },
    {
      name: "is not closed by a success that began before it opened",
      happenings: [...opening, [100, "ok", -500]],
      atMs: 101,
      expected: "open",
    },
    {
      name: "is closed by a success of an attempt that was let through although it was open",
      happenings: [...opening, [900, "ok", 100]],
      atMs: 901,
      expected: "closed",
    },
    {
      name: "is not moved by the failure of one",
      happenings: [...opening, [900, "fail", 100]],
      atMs: 5_002,
      expected: "probe",
    },
    {
      name: "lets only the probe itself decide",
      happenings: [...opening, [5_002, "begin"], [5_500, "probe ?", 4_000]],
      atMs: 5_501,
      expected: "open",
    },
    {
      name: "does not stay open for hours when the clock is set back",
      happenings: opening,
      atMs: -3_600_000,
      expected: "probe",
    },
  ])("$name", ({ happenings, atMs, expected }) => {
    expect(circuitAt(play(happenings), start + atMs)).toBe(expected as "open");
  });

  test("begins to count anew once it has closed", () => {
    const closed = play([
      ...opening,
      [5_002, "begin"],
      [5_900, "probe ok", 5_002],
      [5_901, "fail"],
      [5_902, "fail"],
    ]);
    expect(circuitAt(closed, start + 5_903)).toBe("closed");
  });

  test("a busy endpoint that fails now and then stays closed, and one that goes down opens at once", () => {
    let circuit = closedCircuit;
    for (let ms = 0; ms < 2_000; ms++) {
      circuit = play([[ms, ms % 50 === 49 ? "fail" : "ok"]], circuit);
      expect(circuit.kind).toBe("closed");
    }
    const down = play(
      [
        [2_001, "fail"],
        [2_002, "fail"],
        [2_003, "fail"],
      ],
      circuit,
    );
    expect(circuitAt(down, start + 2_004)).toBe("open");
  });

  test("is called half open until a probe has decided", () => {
    const probing = play([...opening, [5_002, "begin"]]);
    expect(circuitState(play(opening), start + 5_001)).toBe("open");
    expect(circuitState(probing, start + 5_003)).toBe("half_open");
  });
});
