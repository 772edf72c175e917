/**
 * How many columns the line after one stands in: below a key without a value further in, below the first key of a list's
 * item beside that key, else where the line itself begins.
 */
export function indentAfter(line: string): number {
  const written = /^(\s*(?:- +)*)(.*?)\s*(?:\s#.*)?$/.exec(line);
  const [, start = "", rest = ""] = written ?? [];
  if (/(^|[^\s#]):$/.test(rest) || /:\s+[|>][+-]?\d?$/.test(rest) || /[[{]$/.test(rest))
    return start.length + 2;
  const isMapping = /^(?:"[^"]*"|'[^']*'|[^\s#"'[{][^#]*?):(\s|$)/.test(rest);
  return isMapping ? start.length : (/^\s*/.exec(line)?.[0].length ?? 0);
}
