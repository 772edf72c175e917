import type { Form } from "./written.ts";

/** Fields whose values may come from the environment, and be meant for the provider alone. */
const guarded = ["headers", "query"];

/** A canonical form to be kept and shown: the names of headers and query parameters stay, their values do not. */
export function redacted(form: Form): Form {
  return Object.fromEntries(Object.entries(form).map(([name, value]) => [name, redactedIn(name, value)]));
}

function redactedIn(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => redactedIn(name, each));
  if (!isForm(value)) return value;
  if (!guarded.includes(name)) return redacted(value);
  return Object.fromEntries(Object.keys(value).map((key) => [key, "(hidden)"]));
}

const isForm = (value: unknown): value is Form => typeof value === "object" && value !== null;
