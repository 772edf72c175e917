import { type Effect, none, run, seeded, type Traffic } from "../test/rollout/canary/traffic.ts";

/**
 * Lets simulated canaries run to their verdicts: how often an identical configuration is taken back, how often a worse one
 * is not, and how soon. Exit code 1 when a promise is not kept. `bun run test:canary [--canaries N]`
 */
const flag = process.argv.indexOf("--canaries");
const canaries = flag === -1 ? 10_000 : Number(process.argv[flag + 1]);
const everyday: Traffic = { perSecond: 20, clients: 300, spread: 0.7, errorRate: 0.004, throttled: 3 };
/** Every request drawn for itself. */
const even: Traffic = { ...everyday, clients: null, throttled: 0 };

const percent = (share: number, digits: number) => `${(100 * share).toFixed(digits)} %`;
const ends = (traffic: Traffic, effect: Effect, runs: number) => {
  const chance = seeded(1);
  return Array.from({ length: runs }, () => run(traffic, effect, chance));
};
type Ends = ReturnType<typeof ends>;
const shareOf = (all: Ends, kind: string) =>
  all.filter(({ verdict }) => verdict.kind === kind).length / all.length;

let isKept = true;
const promise = (kept: boolean) => {
  isKept &&= kept;
  return kept ? "" : "  <- too many";
};

/** What took canaries back, by the word after `canary` in the reason. */
function tripsOf(all: Ends): string {
  const trips = new Map<string, number>();
  for (const { verdict } of all) {
    if (verdict.kind !== "rollback") continue;
    const trip = `${verdict.trip} ${verdict.reason.split(" ")[1]}`;
    trips.set(trip, (trips.get(trip) ?? 0) + 1);
  }
  return [...trips].map(([trip, count]) => `${trip} ${count}`).join(", ");
}

function identical(name: string, traffic: Traffic, runs: number): void {
  const all = ends(traffic, none, runs);
  const taken = shareOf(all, "rollback");
  const figures = `${percent(taken, 2).padStart(8)} of ${runs.toLocaleString("en-US").padStart(6)}`;
  const other = `${percent(shareOf(all, "inconclusive"), 1)} inconclusive`;
  console.log(`${figures}  ${name} (${tripsOf(all)}; ${other})${promise(taken < 0.01)}`);
}

console.log("\nIdentical configurations taken back: 20 requests a second, 10 % for 5 minutes");
identical("everyday: 300 clients that differ, 3 of them throttled", everyday, canaries);
identical("every request drawn for itself", even, canaries);
const fewer = Math.ceil(canaries / 5);
identical("the same, 10 % errors in both arms", { ...even, errorRate: 0.1 }, fewer);
identical("300 clients, 20 of them throttled", { ...everyday, throttled: 20 }, fewer);
identical("300 clients, all requests of one fail", { ...everyday, failing: 1 }, fewer);
identical("300 clients that differ wildly", { ...everyday, spread: 1.5 }, fewer);
identical("30 clients that differ wildly", { ...everyday, clients: 30, spread: 1.5 }, fewer);
identical("10 clients that differ wildly", { ...everyday, clients: 10, spread: 1.5, throttled: 1 }, fewer);

const rates = [2, 5, 10, 20, 50, 100];
const table = (title: string, effects: Readonly<Record<string, Effect>>, runs: number) => {
  console.log(`\n${title}: taken back / missed, the rest inconclusive; ${runs} canaries each`);
  console.log(["", ...rates.map((rate) => `${rate}/s`)].map((cell) => cell.padStart(15)).join(""));
  for (const [name, effect] of Object.entries(effects)) {
    const cells = rates.map((perSecond) => {
      const all = ends({ ...everyday, perSecond }, effect, runs);
      return `${percent(shareOf(all, "rollback"), 0)} / ${percent(shareOf(all, "promote"), 0)}`;
    });
    console.log([name, ...cells].map((cell) => cell.padStart(15)).join(""));
  }
};
const runs = Math.ceil(canaries / 50);
const extra = (errors: number): Effect => ({ ...none, errors });
table(
  "Regressions, everyday traffic",
  {
    ...Object.fromEntries(
      [0.01, 0.02, 0.05, 0.1, 0.2].map((each) => [`+${percent(each, 0)} err`, extra(each)]),
    ),
    "2 x slower": { ...none, slower: 2 },
    "4 x slower": { ...none, slower: 4 },
    "1.5 x dearer": { ...none, dearer: 1.5 },
    "3 x dearer": { ...none, dearer: 3 },
    "half refused": { ...none, refused: 0.5 },
  },
  runs,
);

console.log("\nSeconds until a canary with 20 % errors is taken back, 20 requests a second");
for (const [name, traffic] of [
  ["every request drawn for itself", even],
  ["everyday", everyday],
] as const) {
  const all = ends(traffic, extra(0.2), fewer);
  const seconds = all.map(({ afterMs }) => afterMs / 1_000).sort((a, b) => a - b);
  const at = (share: number) => seconds[Math.ceil(share * seconds.length) - 1];
  const within = all.filter(({ verdict, afterMs }) => verdict.kind === "rollback" && afterMs <= 30_000);
  const share = within.length / all.length;
  const within30 = `${percent(share, 1)} within 30 s`;
  console.log(
    `median ${at(0.5)}, 95th ${at(0.95)}, 99th ${at(0.99)}, longest ${at(1)}; ${within30}  ${name}${promise(traffic !== even || share >= 0.98)}`,
  );
}
process.exit(isKept ? 0 : 1);
