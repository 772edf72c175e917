/** Top-level fields to write and to leave out. */
export interface Changes {
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const quote = 34;
const backslash = 92;
const colon = 58;
const comma = 44;
const openBrace = 123;
const closeBrace = 125;
const openBracket = 91;
const closeBracket = 93;

/**
 * The JSON text of `to`, made out of the text of `from`: what did not change keeps its very bytes, and costs no more than a
 * search for its end. `changes` leads from the one to the other. Serialises `to` anew where the text is unusual, as with a key
 * that occurs twice.
 */
export function spliceBody(text: string, from: Fields, to: Fields, changes: Changes): string {
  const members = topLevelMembers(text);
  // Of a key that occurs twice, a provider might take the one that we did not read.
  if (members === null || members.length !== Object.keys(from).length) return JSON.stringify(to);
  const parts: string[] = [];
  const written = new Set<string>();
  let run: { readonly start: number; end: number } | null = null;
  for (const { key, start, valueStart, end } of members) {
    const isSet = Object.hasOwn(changes.set, key);
    if (!isSet && !changes.remove.includes(key)) {
      // Neighbours that stay are copied together.
      run ??= { start, end };
      run.end = end;
      continue;
    }
    if (run !== null) parts.push(text.slice(run.start, run.end));
    run = null;
    if (isSet) put(parts, text.slice(start, valueStart), changes.set[key]);
    written.add(key);
  }
  if (run !== null) parts.push(text.slice(run.start, run.end));
  for (const [key, value] of Object.entries(changes.set))
    if (!written.has(key)) put(parts, `${JSON.stringify(key)}:`, value);
  return written.size === 0 && Object.keys(changes.set).length === 0 ? text : `{${parts.join(",")}}`;
}

/** How deeply arrays and objects are nested in a JSON text; stops counting once it is more than `max`. Linear. */
export function depthOf(text: string, max: number): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = stringEnd(text, at);
      if (at === -1) return deepest;
    } else if (code === openBrace || code === openBracket) {
      depth += 1;
      if (depth > deepest) deepest = depth;
      if (deepest > max) return deepest;
    } else if (code === closeBrace || code === closeBracket) {
      depth -= 1;
    }
  }
  return deepest;
}

interface Member {
  readonly key: string;
  /** Of the key's opening quote, of the value, and behind the value. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

function put(parts: string[], head: string, value: unknown): void {
  const json = JSON.stringify(value);
  // As in an object: what has no JSON is not there.
  if (json !== undefined) parts.push(head + json);
}

/** Where each top-level field stands. The text is known to parse; null when a key is written with escapes. */
function topLevelMembers(text: string): readonly Member[] | null {
  const members: Member[] = [];
  let at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== openBrace) return null;
  at = skipSpace(text, at + 1);
  while (text.charCodeAt(at) === quote) {
    const start = at;
    const keyEnd = stringEnd(text, at);
    if (keyEnd === -1) return null;
    const key = text.slice(start + 1, keyEnd);
    if (key.includes("\\")) return null;
    at = skipSpace(text, keyEnd + 1);
    if (text.charCodeAt(at) !== colon) return null;
    const valueStart = skipSpace(text, at + 1);
    const end = valueEnd(text, valueStart);
    if (end === -1) return null;
    members.push({ key, start, valueStart, end });
    at = skipSpace(text, end);
    if (text.charCodeAt(at) !== comma) break;
    at = skipSpace(text, at + 1);
  }
  return text.charCodeAt(at) === closeBrace && skipSpace(text, at + 1) === text.length ? members : null;
}

/** Behind the value that begins at `at`; -1 when it does not end. */
function valueEnd(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === quote) {
    const end = stringEnd(text, at);
    return end === -1 ? -1 : end + 1;
  }
  if (first === openBrace || first === openBracket) return nestedEnd(text, at);
  let end = at;
  while (end < text.length && !endsScalar(text.charCodeAt(end))) end++;
  return end === at ? -1 : end;
}

function nestedEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = stringEnd(text, at);
      if (at === -1) return -1;
    } else if (code === openBrace || code === openBracket) {
      depth += 1;
    } else if (code === closeBrace || code === closeBracket) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

/** The closing quote of the string that opens at `open`; -1 without one. Jumps from quote to quote at the engine's speed. */
function stringEnd(text: string, open: number): number {
  let from = open + 1;
  for (;;) {
    const end = text.indexOf('"', from);
    if (end === -1) return -1;
    let before = end - 1;
    while (before >= from && text.charCodeAt(before) === backslash) before--;
    if ((end - 1 - before) % 2 === 0) return end;
    from = end + 1;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;

const endsScalar = (code: number): boolean => code === comma || code === closeBrace || isSpace(code);
