/** One step of a path: a name, an index, or `*` for all of them. */
type Step = string;

/** What stands where something was taken out. */
export const redacted = "[redacted]";

/**
 * Replaces what `paths` point at, in place. The grammar is pino's: `messages[*].content`, `a.b[0]["c.d"].*`.
 * A path that leads nowhere does nothing.
 */
export function redact(document: unknown, paths: readonly string[]): void {
  for (const path of paths) replace(document, stepsOf(path));
}

/** The paths that concern one side: `request.…` only the request, `answer.…` only the answer, others both. */
export function pathsFor(side: "request" | "answer", paths: readonly string[]): readonly string[] {
  const foreign = side === "request" ? "answer" : "request";
  return paths.flatMap((path) => {
    const [first, ...rest] = stepsOf(path);
    if (first === foreign) return [];
    return [first === side && rest.length > 0 ? path.replace(/^\w+\.?/, "") : path];
  });
}

function stepsOf(path: string): readonly Step[] {
  const steps: Step[] = [];
  for (const [, quoted, bracketed, plain] of path.matchAll(/\["([^"]*)"\]|\[([^\]]*)\]|([^.[\]]+)/g)) {
    steps.push(quoted ?? bracketed ?? plain ?? "");
  }
  return steps;
}

function replace(node: unknown, [step, ...rest]: readonly Step[]): void {
  if (step === undefined || typeof node !== "object" || node === null) return;
  // an array's members are reached by their index, which is how Object.keys names them too
  const holder = node as Record<string, unknown>;
  const names = step === "*" ? Object.keys(holder) : Object.hasOwn(holder, step) ? [step] : [];
  for (const name of names) {
    if (rest.length === 0) holder[name] = redacted;
    else replace(holder[name], rest);
  }
}
