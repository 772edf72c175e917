import type { Outage } from "../../simulate/outage.ts";

/** One cell as `/admin/api/outages` tells it. */
export type Cell = Omit<Outage, "refusal"> & {
  readonly refusal: { readonly code: string | null; readonly message: string } | null;
};

/** The answer of `/admin/api/outages`. */
export interface Matrix {
  readonly providers: readonly string[];
  readonly cells: readonly Cell[];
}

/** A model: who answers when all is well, and while each provider is down, in their order. */
export interface Row {
  readonly model: string;
  readonly well: Cell;
  readonly cells: readonly Cell[];
}

/** The cells by model. */
export function matrixOf({ providers, cells }: Matrix): readonly Row[] {
  const byModel = Map.groupBy(cells, ({ model }) => model);
  return [...byModel].flatMap(([model, all]) => {
    const well = all.find(({ outage }) => outage === null);
    const ordered = providers.flatMap((name) => all.find(({ outage }) => outage === name) ?? []);
    return well === undefined ? [] : [{ model, well, cells: ordered }];
  });
}

/** What a cell says: a colour's name, a sign, and words that say the same. */
export interface Sign {
  /** `calm`: the outage is not noticed. */
  readonly state: "calm" | "good" | "warn" | "bad";
  readonly sign: string;
  readonly says: string;
  /** In small letters; empty: nothing. */
  readonly more: string;
}

/** Compares a cell with that of the same model while all is well; `null` is that one itself. */
export function signOf({ model, answer, refusal }: Cell, well: Cell | null): Sign {
  if (answer === null) {
    const isNew = well === null || well.answer !== null;
    const more = refusal?.code ?? "";
    return isNew
      ? { state: "bad", sign: "✕", says: "nobody", more }
      : { state: "calm", sign: "✕", says: "nobody", more };
  }
  const { provider, served, attempts } = answer;
  const tries = attempts === 1 ? "" : `${attempts} attempts`;
  if (well === null) return { state: "good", sign: "✓", says: provider, more: tries };
  if (well.answer?.provider === provider && well.answer.served === served && attempts === 1)
    return { state: "calm", sign: "·", says: provider, more: "" };
  if (served !== model) return { state: "warn", sign: "↷", says: `${served} (${provider})`, more: tries };
  return { state: "good", sign: "✓", says: provider, more: tries };
}
