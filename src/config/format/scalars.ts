import { type Alias, isAlias, type Scalar } from "yaml";

/** What YAML's core schema reads as something else than text. */
const otherTypes = [
  /^(~|null|Null|NULL|true|True|TRUE|false|False|FALSE)$/,
  /^[-+]?[0-9]+$|^0o[0-7]+$|^0x[0-9a-fA-F]+$/,
  /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/,
  /^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/,
];

/** Begins with a letter, a digit or a sign that means nothing in YAML, and holds none that does, in a flow or outside. */
const harmless = /^[\p{L}\p{N}_/.$(^+;~\\][\p{L}\p{N}\p{M}_/.$()^+;~\\@%&=<>|!?'"` :#-]*$/u;

/**
 * A text as it is written everywhere: bare where it cannot be taken for anything else, in a flow mapping too, and else in
 * double quotes. Globs are among the latter, so that they all look the same.
 */
export function writeText(text: string): string {
  const isBare =
    harmless.test(text) &&
    !/:( |$)| #| $|^\.\.\.$/.test(text) &&
    !otherTypes.some((pattern) => pattern.test(text));
  return isBare ? text : quoted(text);
}

/** JSON's quotes are YAML's; what no editor shows is escaped. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A value on one line. Numbers keep their digits: `2.50` is a price. */
export function writeScalar(node: Scalar | Alias): string {
  if (isAlias(node)) return `*${node.source}`;
  const { value, source } = node;
  if (typeof value === "string") return writeText(value);
  if (typeof value === "number") {
    const isPlain = source !== undefined && /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(source);
    return isPlain || !Number.isFinite(value) ? (source ?? ".nan") : String(value);
  }
  return String(value);
}

/** Keys keep their spelling: `1.10:` is the name "1.10". */
export function writeKey(node: Scalar): string {
  if (typeof node.value === "string") return node.value === "<<" ? '"<<"' : writeText(node.value);
  return node.source ?? String(node.value);
}
