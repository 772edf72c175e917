import { isRecord } from "../../core/record.ts";
import type { Form } from "../canonical/written.ts";

/** What the gateway takes where the file is silent: not worth a word where a whole thing comes or goes. */
const usual: Form = {
  strategy: "priority",
  stick_to: "request",
  weight: 1,
  enabled: true,
  visible: true,
  failover: "(built-in)",
  optional: false,
  unsupported: "warn",
  role: "client",
};

/** Names under which credentials are written out at times, against all advice. */
const credential = /auth|cookie|key|token|secret|password|signature|credential/i;

/** A value of a canonical form as people and programs are shown it. */
export function shown(pattern: string, value: unknown): unknown {
  const field = pattern.split(".").at(-1) ?? "";
  if (field === "api_key" || field === "secret") return oneOrMore(value);
  return isRecord(value) ? whole(value) : value;
}

/** A header or a query parameter, hidden where it may be a credential. */
export const guarded = (name: string, value: unknown): unknown =>
  value !== null && credential.test(name) ? "(hidden)" : value;

/** As the file would have it: what is not as usual. */
function whole(form: Form): Form {
  const entries = Object.entries(form).flatMap(([key, value]): readonly (readonly [string, unknown])[] => {
    if (usual[key] === value || isEmpty(value)) return [];
    if (key.endsWith("[]")) return itemsOf(key.slice(0, -2), value);
    if (key === "api_key" || key === "secret") return [[key, oneOrMore(value)]];
    if ((key === "headers" || key === "query") && isRecord(value)) return [[key, guardedAll(value)]];
    return [[key, isRecord(value) ? whole(value) : value]];
  });
  return Object.fromEntries(entries.filter(([, value]) => !isEmpty(value)));
}

/** What its items say beyond their names. */
function itemsOf(key: string, items: unknown): readonly (readonly [string, unknown])[] {
  if (!isRecord(items)) return [];
  const said = Object.entries(items).map(
    ([name, item]) => [`${key}[${name}]`, isRecord(item) ? whole(item) : item] as const,
  );
  return said.filter(([, item]) => !isEmpty(item));
}

const guardedAll = (record: Form): Form =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, guarded(name, value)]));

const isEmpty = (value: unknown): boolean =>
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isRecord(value) && Object.keys(value).length === 0);

/** References, a digest cut to what tells it from others. */
function oneOrMore(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const texts = value.map((text) => String(text).replace(/^(sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1…"));
  return texts.length === 0 ? null : texts.length === 1 ? texts[0] : texts;
}
