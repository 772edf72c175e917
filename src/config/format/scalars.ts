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

/** A text as it is written in braces or brackets, and outside of them, where a comma ends nothing. */
export interface Written {
  readonly inFlow: string;
  readonly inBlock: string;
}

/**
 * A text is bare where it cannot be taken for anything else, and stands in double quotes elsewhere. Globs are among the
 * latter, so that they all look the same.
 */
function writeText(text: string): Written {
  const inFlow = isBare(text) ? text : quoted(text);
  const inBlock = isBare(text.replaceAll(",", "")) && !/^,/.test(text) ? text : quoted(text);
  return { inFlow, inBlock };
}

function isBare(text: string): boolean {
  return (
    harmless.test(text) &&
    !/:( |$)| #| $|^\.\.\.$/.test(text) &&
    !otherTypes.some((pattern) => pattern.test(text))
  );
}

/** JSON's quotes are YAML's; what no editor shows is escaped. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const same = (text: string): Written => ({ inFlow: text, inBlock: text });

/** A value on one line. Numbers keep their digits: `2.50` is a price. */
export function writeScalar(node: Scalar | Alias): Written {
  if (isAlias(node)) return same(`*${node.source}`);
  const { value, source } = node;
  if (typeof value === "string") return writeText(value);
  if (typeof value === "number") {
    const isPlain = source !== undefined && /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(source);
    return same(isPlain || !Number.isFinite(value) ? (source ?? ".nan") : String(value));
  }
  return same(String(value));
}

/** Keys keep their spelling: `1.10:` is the name "1.10". */
export function writeKey(node: Scalar): string {
  if (typeof node.value === "string") return node.value === "<<" ? '"<<"' : writeText(node.value).inFlow;
  return node.source ?? String(node.value);
}
