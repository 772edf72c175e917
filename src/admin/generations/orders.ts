import type { HistoryEntry } from "../../rollout/history.ts";
import type { Drift } from "../../rollout/status.ts";
import type { Choice, Order } from "../parts/order.tsx";
import type { Names } from "./told.ts";
import { stateWords } from "./words.ts";

/** How long something holds that has an end. */
const howLong = (without: string): Choice => ({
  label: "For",
  options: [
    ...[
      ["30 minutes", "30m"],
      ["2 hours", "2h"],
      ["1 day", "1d"],
    ].map(([label = "", time]) => ({ label, adds: { for: time } })),
    { label: without, adds: {} },
  ],
});

const named = ({ generation, state, git_sha }: HistoryEntry): string =>
  `${generation} (${stateWords(state).word}${git_sha === null ? "" : `, ${git_sha.slice(0, 8)}`})`;

/** What can serve: what never compiled cannot. */
const able = (entries: readonly HistoryEntry[]) => entries.filter(({ digest }) => digest !== null);

export const rollback = (entries: readonly HistoryEntry[], active: number | null): Order => ({
  title: "Roll back",
  says: `Another generation serves at once. ${active === null ? "What serves now" : `Generation ${active}`} is quarantined, so that the source does not bring it back by itself; a canary ends.`,
  path: "/admin/api/rollback",
  choices: [
    {
      label: "To",
      options: [
        { label: "the good one before", adds: {} },
        ...able(entries)
          .filter(({ generation }) => generation !== active)
          .map((entry) => ({ label: named(entry), adds: { to: entry.generation } })),
      ],
    },
  ],
  act: "Roll back",
  isGrave: true,
});

export const rollbackTo = (generation: number): Order => ({
  title: `Roll back to generation ${generation}`,
  says: `Generation ${generation} serves at once. What serves now is quarantined, so that the source does not bring it back by itself; a canary ends.`,
  path: "/admin/api/rollback",
  body: { to: generation },
  act: "Roll back",
  isGrave: true,
});

export const withdraw = (generation: number): Order => ({
  title: `Withdraw the canary of generation ${generation}`,
  says: "All traffic goes to what served before, at once, and the canary's generation is quarantined.",
  path: "/admin/api/rollback",
  act: "Withdraw",
  isGrave: true,
});

export const promote = (generation: number): Order => ({
  title: `Promote generation ${generation}`,
  says: "The canary ends as good, whatever its figures: its generation serves everybody at once.",
  path: "/admin/api/promote",
  act: "Promote",
});

export const pin = (generation: number): Order => ({
  title: `Pin generation ${generation}`,
  says: `Generation ${generation} serves, whatever the source says, until it is unpinned. A canary beside it ends.`,
  path: "/admin/api/pin",
  body: { generation },
  act: "Pin",
});

export const pinAny = (entries: readonly HistoryEntry[], active: number | null): Order => ({
  title: "Pin a generation",
  says: "It serves, whatever the source says, until it is unpinned. A canary beside it ends.",
  path: "/admin/api/pin",
  choices: [
    {
      label: "Generation",
      options: able(entries)
        .toSorted((a, b) => Number(b.generation === active) - Number(a.generation === active))
        .map((entry) => ({ label: named(entry), adds: { generation: entry.generation } })),
    },
  ],
  act: "Pin",
});

export const unpin: Order = {
  title: "Unpin",
  says: "The source is listened to again, and looked at at once: what it says goes through every stage.",
  path: "/admin/api/unpin",
  act: "Unpin",
};

export const suspend: Order = {
  title: "Suspend the source",
  says: "Nothing is taken from the source for a while. What serves goes on.",
  path: "/admin/api/suspend",
  choices: [howLong("until somebody resumes")],
  act: "Suspend",
};

export const resume: Order = {
  title: "Resume",
  says: "The source is listened to again, and looked at at once: what it says goes through every stage.",
  path: "/admin/api/resume",
  act: "Resume",
};

/** `isForced` is what stands at first. */
export const look = (isForced: boolean): Order => {
  const [plain, forced] = [
    { label: "as ever", adds: { force: false } },
    {
      label: "by force: also while suspended, and what is quarantined is tried again",
      adds: { force: true },
    },
  ];
  return {
    title: "Look at the source now",
    says: "What the source says goes through every stage, and serves if it is good.",
    path: "/admin/api/sync",
    choices: [{ label: "How", options: isForced ? [forced, plain] : [plain, forced] }],
    act: "Look now",
  };
};

const thing = (kind: string, name: string) => ({ kind, name });

/** Everything that can be taken away, by what it is. */
function things({ providers, models, keys = [] }: Names): Choice["options"] {
  const targets = new Set(
    models.flatMap((model) =>
      model.targets.map(({ provider, model: upstream }) => `${provider}/${upstream}`),
    ),
  );
  return [
    ...providers.map(({ provider }) => ({ ...thing("provider", provider), group: "Providers" })),
    ...[...targets]
      .filter((name) => !name.endsWith("*"))
      .map((name) => ({ ...thing("target", name), group: "Targets" })),
    ...models.map(({ name }) => ({ ...thing("model", name), group: "Models" })),
    ...keys.map((name) => ({ ...thing("key", name), group: "Keys" })),
  ].map(({ kind, name, group }) => ({ label: `${kind} ${name}`, adds: { kind, name }, group }));
}

export const disable = (names: Names): Order => ({
  title: "Disable",
  says: "It is taken out of every decision at once, without the file. Requests that are under way go on.",
  path: "/admin/api/disable",
  choices: [{ label: "What", options: things(names) }, howLong("until somebody enables it")],
  act: "Disable",
  isGrave: true,
});

/** `what` is as a drift names it: `provider openai`. */
export const enable = (what: string): Order => {
  const space = what.indexOf(" ");
  return {
    title: `Enable ${what}`,
    says: "It takes part in decisions again, at once.",
    path: "/admin/api/enable",
    body: { kind: what.slice(0, space), name: what.slice(space + 1) },
    act: "Enable",
  };
};

/** What ends a difference between what serves and what the source says. */
export function ending({ kind, what }: Drift): Order {
  if (kind === "disabled") return enable(what);
  if (kind === "pinned") return unpin;
  return kind === "suspended" ? resume : look(true);
}
