import type { ClientKey, Snapshot } from "../../domain/snapshot.ts";
import { one } from "../../routing/listing.ts";
import { publicNames } from "../names.ts";

/** Names that a client may no longer ask for, and those that are new to it. */
export interface AccessChange {
  /** The key's id; null: everybody, where there are no keys. */
  readonly key: string | null;
  readonly loses: readonly string[];
  readonly gains: readonly string[];
}

/** Every key whose names are not the same in two configurations. Dates are left out: they have not come yet. */
export function accessChanges(base: Snapshot, head: Snapshot): readonly AccessChange[] {
  const [before, after] = [clientsOf(base), clientsOf(head)];
  const ids = [...new Set([...before.keys(), ...after.keys()])];
  const names = [...new Set([...publicNames(base), ...publicNames(head)])];
  return ids
    .map((id) => {
      const [was, is] = [before.get(id), after.get(id)];
      const asked = [...new Set([...names, ...globsOf(was), ...globsOf(is)])];
      const could = new Set(asked.filter((name) => was !== undefined && mayAsk(base, was, name)));
      const can = new Set(asked.filter((name) => is !== undefined && mayAsk(head, is, name)));
      return {
        key: id,
        loses: [...could].filter((name) => !can.has(name)),
        gains: [...can].filter((name) => !could.has(name)),
      };
    })
    .filter(({ loses, gains }) => loses.length + gains.length > 0);
}

/** A key, or anybody. */
type Client = ClientKey | null;

const clientsOf = ({ auth }: Snapshot): ReadonlyMap<string | null, Client> =>
  auth.keys.length === 0 ? new Map([[null, null]]) : new Map(auth.keys.map((key) => [key.id, key]));

/** A key may be let into a part of what a pattern answers. */
const globsOf = (client: Client | undefined): readonly string[] =>
  [...(client?.models ?? []), ...(client?.team?.models ?? [])].filter((glob) => /^[^!*]+\*$/.test(glob));

const mayAsk = (snapshot: Snapshot, client: Client, name: string): boolean =>
  one(snapshot, client, name, Number.NEGATIVE_INFINITY) !== null;
