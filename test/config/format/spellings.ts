/** Draws numbers below a bound from a tape of choices, which begins anew at its end. */
export type Draw = (below: number) => number;

/** A draw from a tape. */
export function drawFrom(tape: readonly number[]): Draw {
  let at = 0;
  return (below) => (tape[at++ % tape.length] ?? 0) % below;
}

/**
 * One of the many ways to write a value in YAML: keys in any order, flow or block, any quotes, any indentation, comments and
 * empty lines anywhere.
 */
export function spell(value: unknown, draw: Draw): string {
  const lines = isCollection(value) ? block(value, "", draw) : [scalar(value, draw)];
  return `${lines.join("\n")}\n`;
}

const isCollection = (value: unknown): value is object => typeof value === "object" && value !== null;

function block(value: object, indent: string, draw: Draw): readonly string[] {
  const isList = Array.isArray(value);
  const entries = shuffled(Object.entries(value), isList ? () => 0 : draw);
  const lines = entries.flatMap(([key, held]) => {
    const lead = isList ? `${indent}-` : `${indent}${scalar(key, draw)}:`;
    return [...between(indent, draw), ...entry(lead, held, indent, isList, draw)];
  });
  return [...lines, ...(draw(12) === 0 ? [`${indent}# behind ${draw(100)}`] : [])];
}

function entry(lead: string, held: unknown, indent: string, isList: boolean, draw: Draw): readonly string[] {
  const comment = draw(6) === 0 ? `${" ".repeat(1 + draw(4))}# beside ${draw(100)}` : "";
  if (!isCollection(held)) return [`${lead} ${scalar(held, draw)}${comment}`];
  if (Object.keys(held).length === 0 || draw(3) === 0) return [`${lead} ${flow(held, draw)}${comment}`];
  const deeper = indent + " ".repeat((isList ? 2 : 1) + draw(4));
  const below = block(held, deeper, draw);
  const [first = ""] = below;
  const isInline = isList && comment === "" && !/^\s*(#|$)/.test(first);
  // What stands beside a dash tells how far the rest is indented.
  return isInline
    ? [`${lead}${" ".repeat(deeper.length - indent.length - 1)}${first.trimStart()}`, ...below.slice(1)]
    : [`${lead}${comment}`, ...below];
}

function between(indent: string, draw: Draw): readonly string[] {
  if (draw(8) !== 0) return [];
  const comment = `${indent}# above ${draw(100)}`;
  return [[comment], ["", comment], [comment, "", comment], ["", ""]][draw(4)] ?? [];
}

function flow(value: unknown, draw: Draw): string {
  if (!isCollection(value)) return scalar(value, draw);
  const gap = " ".repeat(draw(3));
  if (Array.isArray(value)) return `[${gap}${value.map((each) => flow(each, draw)).join(`,${gap}`)}${gap}]`;
  const entries = shuffled(Object.entries(value), draw);
  return `{${gap}${entries.map(([key, held]) => `${scalar(key, draw)}: ${flow(held, draw)}`).join(", ")}${gap}}`;
}

function scalar(value: unknown, draw: Draw): string {
  if (typeof value !== "string") return String(value);
  const forms = [JSON.stringify(value), `'${value.replaceAll("'", "''")}'`];
  if (/^[A-Za-z][A-Za-z0-9_./-]*$/.test(value) && !/^(true|false|null)$/i.test(value))
    forms.push(value, value);
  return forms[draw(forms.length)] ?? "";
}

function shuffled<T>(all: readonly T[], draw: Draw): readonly T[] {
  const left = [...all];
  return all.flatMap(() => left.splice(draw(left.length), 1));
}
