import { dollars } from "../../routing/explain/words.ts";
import type { ExplainedStep, Explanation } from "../../simulate/explain.ts";
import { type Paint, printable } from "../shell.ts";

/** So many characters of a step stand on one line. */
const widest = 84;

/** An explanation for people: numbered steps, each with the line of its rule, and what comes of it. */
export function printExplanation(explanation: Explanation, remark: string, paint: Paint): string {
  const { steps } = explanation;
  const texts = steps.map(({ text }) => wrapped(printable(text), widest));
  const places = steps.map(placeOf);
  const width = Math.max(0, ...texts.flat().map((line) => line.length));
  const placeWidth = Math.max(0, ...places.map((place) => place.length));
  const numbers = String(steps.length).length;
  const lines = texts.flatMap((parts, index) =>
    parts.map((part, nth) => {
      const number = nth === 0 ? String(index + 1).padStart(numbers) : " ".repeat(numbers);
      const text = /^attempt \d+:/.test(part) ? paint("bold", part) : part;
      const place = nth === 0 ? (places[index] ?? "") : "";
      const right =
        place === "" ? "" : " ".repeat(width - part.length + 2) + paint("dim", place.padStart(placeWidth));
      return `${paint("dim", number)}  ${text}${right}`.trimEnd();
    }),
  );
  return [...lines, "", verdict(explanation, paint), paint("dim", remark)].join("\n");
}

const placeOf = ({ file, line, column }: ExplainedStep): string =>
  file === null ? "" : printable(`${file}:${line}${column === null ? "" : `:${column}`}`);

function verdict(
  { status, code, provider, upstream, model, attempts, cost_usd }: Explanation,
  paint: Paint,
): string {
  const tries = attempts === 1 ? "1 attempt" : `${attempts} attempts`;
  const cost = cost_usd === null ? "" : `, ${cost_usd === 0 ? "free" : dollars(cost_usd)}`;
  return provider === null
    ? `${paint("red", `${status}${code === null ? "" : ` ${code}`}`)}  nobody answers, ${tries}`
    : `${paint("green", `${status}`)}  ${printable(`${provider}/${upstream} answers as ${model}`)}, ${tries}${cost}`;
}

/** A text on lines of at most so many characters, broken at spaces where there are any. */
function wrapped(text: string, most: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const space = rest.lastIndexOf(" ", most);
    const end = space > 0 ? space : most;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
