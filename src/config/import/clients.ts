import { sha256Hex } from "../../runtime/digest.ts";
import { type DraftKey, type JsonObject, present } from "./draft.ts";
import type { Place } from "./finding.ts";
import { firstFree } from "./names.ts";
import type { Scope } from "./scope.ts";
import { variableIn } from "./variables.ts";

/** A client of the gateway, as another one names it. */
export interface Client {
  readonly id: string;
  /** The key itself, or a reference to it. */
  readonly text: string;
  readonly at: Place;
  readonly line: number;
  readonly role?: "client" | "admin";
  readonly limits?: JsonObject;
  readonly models?: DraftKey["models"];
}

/** Adds a client's key: a literal becomes its digest, by which it goes on to work; a reference stays one. */
export function addClient(client: Client, scope: Scope): void {
  const { id, text, at, line, role = "client", limits = {}, models = [] } = client;
  const { draft, notes, variables, keyNames } = scope;
  const name = firstFree(keyNames.of(id), new Set(draft.keys.map((key) => key.id)));
  const where = `auth.keys[${name}]`;
  const isReference = variableIn(text) !== null;
  const secret = isReference
    ? variables.secret(text, "CLIENT_KEY", where, line).reference
    : `sha256:${sha256Hex(text.trim())}`;
  const known = draft.keys.find((key) => key.secret === secret);
  if (known !== undefined) {
    notes.exact(at, `the same key as auth.keys[${known.id}]`);
    return;
  }
  const fields = present({ id: name, secret, role: role === "client" ? undefined : role, limits });
  draft.keys.push({ id: name, secret, fields, models });
  const how = isReference ? secret : "its SHA-256; the key itself goes on to work";
  notes.exact(at, `${where}.secret as ${how}`);
}
