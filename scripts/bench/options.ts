import { parseArgs } from "node:util";

/** The contenders, in the order of the table. `direct` is the upstream itself, without a proxy. */
export const contenders = [
  "direct",
  "nginx",
  "bare-bun",
  "portkey-node",
  "portkey-bun",
  "switchyard",
] as const;

/** One of {@link contenders}. */
export type Contender = (typeof contenders)[number];

/** What to measure, for how long, and where to write the figures. */
export interface Options {
  readonly only: readonly Contender[];
  /** Each figure is the median of so many measurements, taken in turn over all contenders. */
  readonly rounds: number;
  readonly measureMs: number;
  readonly warmMs: number;
  /** Streams open at a time; each gets 100 events a second. */
  readonly streams: number;
  readonly json: string | null;
}

/** What `--help` prints. */
export const usage = `bun run bench [--quick] [--only ${contenders.join(",")}] [--rounds N] [--seconds N] [--json FILE]

Measures gateways on the loopback interface of this machine, all in one run: ratios mean something, absolute figures little.
--quick    one round of one second each, 200 streams: to see that it works, not to quote
--json     also writes every figure to FILE`;

/** Reads the command line; a sentence when it cannot be read. */
export function parseOptions(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        rounds: { type: "string" },
        seconds: { type: "string" },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return usage;
    const seconds = Number(values.seconds ?? (values.quick ? 1 : 3));
    const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
    if (!(seconds > 0) || !Number.isInteger(rounds) || rounds < 1) return usage;
    const only = contendersIn(values.only);
    if (typeof only === "string") return only;
    return {
      only,
      rounds,
      measureMs: seconds * 1000,
      warmMs: values.quick ? 300 : 700,
      streams: values.quick ? 200 : 500,
      json: values.json ?? null,
    };
  } catch (error) {
    return error instanceof Error ? error.message : usage;
  }
}

/** `direct` is always among them: what a gateway adds is added to it. */
function contendersIn(text: string | undefined): readonly Contender[] | string {
  if (text === undefined) return contenders;
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !contenders.some((known) => known === name));
  if (unknown !== undefined) return `"${unknown}" is no contender; there are ${contenders.join(", ")}`;
  return contenders.filter((name) => names.includes(name) || name === "direct");
}
