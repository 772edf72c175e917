import { servedBy, settle, type Version, type World } from "./world.ts";

/** What is known to hold at the moment of the kill, whatever the process was doing. */
export interface Expected {
  /** Versions that may serve once the gateway is there again. */
  readonly mayServe: readonly number[];
  /** Orders that were answered with a yes before the kill, by what has to be seen of them in `/admin/api/status`. */
  readonly kept: readonly ((status: Status) => boolean)[];
}

// biome-ignore lint/suspicious/noExplicitAny: JSON, of which a test asks what it pleases
export type Status = any;

/** A stage of the pipeline in which the process is killed. */
export interface Stage {
  /** What has to be so before the blow is dealt; resolves to what deals with it. */
  readonly prepare: (world: World) => Promise<Blow>;
}

/** Sets something going that takes about `takesMs`; the kill comes at a random moment within. */
export interface Blow {
  readonly takesMs: number;
  /** The kill comes no earlier; default at once. */
  readonly fromMs?: number;
  /** What it returns is asked at the moment of the kill. */
  readonly begin: () => () => Expected;
  /** Done again and again until then. */
  readonly whileWaiting?: (sample: () => Promise<void>) => Promise<void>;
}

const only = (mayServe: readonly number[]) => () => ({ mayServe, kept: [] });

/** A candidate is put into the source; `isGood` says whether it may ever serve everybody. */
async function candidate(
  world: World,
  version: Omit<Version, "number">,
  { isGood, ...when }: Pick<Blow, "fromMs" | "takesMs"> & { readonly isGood: boolean },
): Promise<Blow> {
  const before = await servedBy(world);
  const number = world.next();
  return {
    ...when,
    begin: () => {
      world.say({ ...version, number });
      return only(isGood ? [before, number] : [before]);
    },
  };
}

/** An order is given; once it was answered with a yes it holds. */
function order(
  world: World,
  takesMs: number,
  path: string,
  body: object,
  { before, after, isKept }: { before: number; after: number; isKept: (status: Status) => boolean },
): Blow {
  return {
    takesMs,
    begin: () => {
      let isAnswered = false;
      void world.admin(path, body).then(
        ({ status }) => {
          isAnswered = status === 200;
        },
        () => {},
      );
      return () =>
        isAnswered ? { mayServe: [after], kept: [isKept] } : { mayServe: [before, after], kept: [] };
    },
  };
}

const onTrial = "rollout: { canary: 50%, for: 10m }";
const replayed = "gates: { replay: { since: 24h, max_newly_refused: 1% } }";
/** A limit of one a minute refuses nearly all of what was recorded. */
const tight = ", limits: { rpm: 1 }";

const manyModels = (count: number) =>
  Array.from({ length: count }, (_, n) => `  x${n}: { targets: [p/x${n}, p/y${n}] }\n`).join("");
const manyTests = (count: number, status: number) =>
  `version: 1\ntests:\n${Array.from(
    { length: count },
    (_, n) => `  - { name: t${n}, send: { model: m, repeat: 50 }, expect: { status: 200 } }\n`,
  ).join("")}  - { name: last, send: { model: m }, expect: { status: ${status} } }\n`;

const isEven = (world: World): boolean => world.next() % 2 === 0;

/** A plain version, live. */
const plain = async (world: World, more = ""): Promise<number> => {
  const number = world.next();
  await settle(world, { number, more }, "active");
  return number;
};

/** A version on trial beside one that has its `rollout`. */
async function trial(world: World): Promise<{ readonly stable: number; readonly canary: number }> {
  const stable = await plain(world, onTrial);
  const canary = world.next();
  await settle(world, { number: canary, more: onTrial }, "canary");
  return { stable, canary };
}

/** Every stage, by its name. `traffic` is how many requests the replay of a gate has to go through. */
export const stages: Readonly<Record<string, Stage>> = {
  seen: { prepare: (world) => candidate(world, {}, { takesMs: 150, isGood: true }) },
  compiled: {
    prepare: (world) => {
      const isGood = isEven(world);
      const models = `${manyModels(4_000)}${isGood ? "" : "  broken: { targets: [nobody/x] }\n"}`;
      return candidate(world, { models }, { takesMs: 2_500, isGood });
    },
  },
  tested: {
    prepare: (world) => {
      const isGood = isEven(world);
      const tests = manyTests(400, isGood ? 200 : 500);
      return candidate(world, { tests }, { takesMs: 1_400, isGood });
    },
  },
  gated: {
    prepare: async (world) => {
      await plain(world, replayed);
      const isGood = isEven(world);
      return candidate(world, isGood ? {} : { provider: tight }, { takesMs: 600, isGood });
    },
  },
  canary: {
    prepare: async (world) => {
      const stable = await plain(world, onTrial);
      const number = world.next();
      return {
        takesMs: 600,
        begin: () => {
          world.say({ number, more: onTrial });
          return only([stable]);
        },
      };
    },
  },
  active: { prepare: (world) => candidate(world, {}, { fromMs: 80, takesMs: 220, isGood: true }) },
  "rollback of a canary": {
    prepare: async (world) => {
      const { stable } = await trial(world);
      const { digest } = (await world.admin("status")).body.canary;
      const isKept = (status: Status) => isQuarantined(status, digest) && status.canary === null;
      return order(world, 25, "rollback", { reason: "kill" }, { before: stable, after: stable, isKept });
    },
  },
  rollback: {
    prepare: async (world) => {
      const after = await plain(world);
      const before = await plain(world);
      const { digest } = (await world.admin("status")).body.active;
      const isKept = (status: Status) => isQuarantined(status, digest);
      return order(world, 25, "rollback", { reason: "kill" }, { before, after, isKept });
    },
  },
  promote: {
    prepare: async (world) => {
      const { stable, canary } = await trial(world);
      const isKept = ({ canary: left }: Status) => left === null;
      return order(world, 25, "promote", {}, { before: stable, after: canary, isKept });
    },
  },
  pin: {
    prepare: async (world) => {
      const after = await plain(world);
      const { generation } = (await world.admin("status")).body.active;
      const before = await plain(world);
      const isKept = ({ pinned }: Status) => pinned?.generation === generation;
      return order(world, 25, "pin", { generation }, { before, after, isKept });
    },
  },
  disable: {
    prepare: async (world) => {
      const served = await servedBy(world);
      const what = { kind: "model", name: `v${served}` };
      const isKept = ({ drift }: Status) =>
        drift.some((each: Status) => each.what === `${what.kind} ${what.name}`);
      return order(world, 20, "disable", what, { before: served, after: served, isKept });
    },
  },
  checkpoint: {
    prepare: async (world) => {
      const served = await servedBy(world);
      const ask = async () => void (await (await world.ask()).text());
      const whileWaiting = async (sample: () => Promise<void>) => {
        await Promise.all(Array.from({ length: 16 }, ask));
        await sample();
      };
      return { takesMs: 4_000, begin: () => only([served]), whileWaiting };
    },
  },
};

const isQuarantined = ({ quarantined }: Status, digest: string): boolean =>
  quarantined.some((each: Status) => each.digest === digest);

/** What a stage has left behind is taken away, so that the next one begins on a plain version. */
export async function tidy(world: World): Promise<void> {
  const { pinned, drift } = (await world.admin("status")).body;
  if (pinned !== null) await world.admin("unpin", {});
  for (const { kind, what } of drift) {
    const [type, name] = what.split(" ");
    if (kind === "disabled") await world.admin("enable", { kind: type, name });
  }
  const number = world.next();
  await settle(world, { number }, "active", "canary");
  if ((await world.admin("status")).body.canary !== null) await world.admin("promote", {});
}
