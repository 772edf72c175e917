import { matchesGlob } from "../../core/glob.ts";
import { showRef } from "../../domain/secret_ref.ts";
import { refsOf } from "../../domain/service.ts";
import type { Provider, Role, Snapshot } from "../../domain/snapshot.ts";
import { isAuto } from "../../routing/plan.ts";
import { lookUp } from "../../routing/resolve.ts";
import type { Risk } from "./change.ts";

/** A difference before it is judged. */
export interface Edit {
  /** What the `*` of the pattern stand for, in order. */
  readonly names: readonly string[];
  /** Null: it is not there. */
  readonly from: unknown;
  readonly to: unknown;
  readonly base: Snapshot;
  readonly head: Snapshot;
}

/** What a difference in one field can do: always the same, or it depends on the difference. */
export type Rule = Risk | ((edit: Edit) => Risk);

/** By whether the thing comes, goes, or becomes another. */
export const by =
  (risk: { readonly added: Risk; readonly removed: Risk; readonly changed?: Risk }) =>
  ({ from, to }: Edit): Risk =>
    from === null ? risk.added : to === null ? risk.removed : (risk.changed ?? risk.added);

/** A public name that comes is new, or takes requests over from a pattern; one that goes leaves its clients alone or not. */
export function name({ names: [asked = ""], from, base, head }: Edit): Risk {
  if (from === null) return isAnswered(base, asked) ? "ROUTE" : "SAFE";
  return isAnswered(base, asked) && !isAnswered(head, asked) ? "BREAKING" : "ROUTE";
}

/** `auto` as a whole. */
export const autoName = (edit: Edit): Risk => name({ ...edit, names: ["auto"] });

function isAnswered(snapshot: Snapshot, asked: string): boolean {
  if (isAuto(snapshot, asked)) return true;
  const model = lookUp(snapshot, asked)?.model;
  return model?.enabled === true && model.visible;
}

/** A switch that takes a name away from clients when it is turned. */
export const offered =
  (otherwise: Risk) =>
  ({ to }: Edit): Risk =>
    to === false ? "BREAKING" : otherwise;

/** A provider that is new uses new secrets, or it sends one that is in use to where it has not gone before. */
export function provider({ names: [called = ""], from, base, head }: Edit): Risk {
  if (from !== null) return "ROUTE";
  const added = head.providers.get(called);
  const refs = added === undefined ? [] : referencesOf(added);
  const leaks = refs.some((ref) => {
    const used = [...base.providers.values()].filter((each) => referencesOf(each).includes(ref));
    return (
      used.length > 0 && used.every(({ baseUrl }) => originOf(baseUrl) !== originOf(added?.baseUrl ?? ""))
    );
  });
  return leaks ? "SECRET" : "SAFE";
}

const referencesOf = ({ pool, service }: Provider): readonly string[] =>
  [...pool.map(({ ref }) => ref), ...(service?.login == null ? [] : refsOf(service.login))].map(showRef);

const originOf = (address: string): string => (URL.canParse(address) ? new URL(address).origin : address);

/** Globs over public names: whether something that was allowed is no longer. */
export function globs({ from, to }: Edit): Risk {
  const [before, after] = [rulesOf(from), rulesOf(to)];
  const isLost = before.allowed.some((glob) => !after.allowed.some((wider) => matchesGlob(wider, glob)));
  const isDenied = after.denied.some((glob) => !before.denied.some((wider) => matchesGlob(wider, glob)));
  return isLost || isDenied ? "BREAKING" : "ACCESS";
}

function rulesOf(value: unknown) {
  const list = textsOf(value);
  const denied = list.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const allowed = list.filter((glob) => !glob.startsWith("!"));
  return { denied, allowed: allowed.length === 0 ? ["*"] : allowed };
}

const ranks: Readonly<Record<Role, number>> = { client: 0, viewer: 1, admin: 2 };
const isRole = (value: unknown): value is Role => typeof value === "string" && Object.hasOwn(ranks, value);

/** A role: whether something that was permitted is no longer. */
export const role = ({ from, to }: Edit): Risk =>
  isRole(from) && isRole(to) && ranks[to] < ranks[from] ? "BREAKING" : "ACCESS";

/** A day after which something ends: whether it comes sooner. */
export const ending =
  (otherwise: Risk) =>
  ({ from, to }: Edit): Risk => {
    const [before, after] = [dayIn(from), dayIn(to)];
    return after !== null && (before === null || after < before) ? "BREAKING" : otherwise;
  };

/** Of `expires`, and of `deprecated`. */
const dayIn = (value: unknown): string | null => {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null && "after" in value ? String(value.after) : null;
};

/** References in an order: another order is no other secret. */
export function references({ from, to }: Edit): Risk {
  const [before, after] = [textsOf(from), textsOf(to)].map((texts) =>
    texts.map((text) => text.split(": ").at(-1) ?? text).toSorted(),
  );
  return JSON.stringify(before) === JSON.stringify(after) ? "ROUTE" : "SECRET";
}

/** Where a value is a reference, or was one. */
export const maybeReference = ({ from, to }: Edit): Risk =>
  typeof from === "string" || typeof to === "string" ? "SECRET" : "ROUTE";

/** A login as a whole: with it come and go the references that it sends. */
export const login = ({ from, to }: Edit): Risk => {
  const held = typeof from === "object" && from !== null ? from : to;
  const body = typeof held === "object" && held !== null && "body" in held ? held.body : null;
  const values = typeof body === "object" && body !== null ? Object.values(body) : [];
  return values.some((value) => typeof value === "string") ? "SECRET" : "ROUTE";
};

/** Who the end user is: it decides who answers where a model keeps users at one target. */
export const endUser = ({ base, head }: Edit): Risk => {
  const models = [base, head].flatMap((side) => [...side.models.values(), ...side.patterns]);
  return models.some(({ stickTo }) => stickTo === "user") ? "ROUTE" : "SAFE";
};

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === "string" ? [value] : [];
