import { isRecord } from "../../core/record.ts";

/** `$$`, or `$` and a name; any other `$` stands for itself. */
const mention = /\$(?:\$|([A-Za-z_][A-Za-z0-9_]*))/g;
const nothingElse = /^\$([A-Za-z_][A-Za-z0-9_]*)$/;

/** Every name that a template mentions, at any depth, be it alone or within a text. */
export function namesIn(template: unknown): ReadonlySet<string> {
  if (typeof template === "string")
    return new Set([...template.matchAll(mention)].flatMap(([, name]) => name ?? []));
  const parts = Array.isArray(template) ? template : isRecord(template) ? Object.values(template) : [];
  return new Set(parts.flatMap((part) => [...namesIn(part)]));
}

/**
 * A template with its names filled in. A text that is one `$name` becomes the value itself, whatever its type; what has no
 * value takes its key, or its place in a list, with it. Within a longer text a name is replaced by its value as text (JSON
 * where it is no scalar, nothing where it is absent), and `$$` is a dollar.
 */
export function fill(template: unknown, meaningOf: (name: string) => unknown): unknown {
  if (typeof template === "string") return fillText(template, meaningOf);
  if (Array.isArray(template))
    return template.map((item) => fill(item, meaningOf)).filter((item) => item !== undefined);
  return isRecord(template) ? fillFields(template, meaningOf) : template;
}

/** The same of a mapping, which always is one. */
export function fillFields(
  template: Readonly<Record<string, unknown>>,
  meaningOf: (name: string) => unknown,
): Readonly<Record<string, unknown>> {
  const fields = Object.entries(template).map(([key, part]) => [key, fill(part, meaningOf)] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function fillText(text: string, meaningOf: (name: string) => unknown): unknown {
  const whole = nothingElse.exec(text)?.[1];
  if (whole !== undefined) return meaningOf(whole) ?? undefined;
  return text.replace(mention, (_, name: string | undefined) =>
    name === undefined ? "$" : inText(meaningOf(name)),
  );
}

function inText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
