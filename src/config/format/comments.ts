import { CST, Lexer } from "yaml";

/** A comment of a file, its `#` included. */
export interface Comment {
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly text: string;
  /** Nothing stands before it on its line. */
  readonly isAlone: boolean;
}

/** All comments of a text that parses, in their order. */
export function commentsOf(text: string): readonly Comment[] {
  const found: Comment[] = [];
  let offset = 0;
  let line = 1;
  let lineStart = 0;
  for (const token of new Lexer().lex(text)) {
    if (isMark(token)) continue;
    if (CST.tokenType(token) === "comment" && text.startsWith("#", offset)) {
      const isAlone = text.slice(lineStart, offset).trim() === "";
      found.push({ offset, line, column: offset - lineStart + 1, text: token.trimEnd(), isAlone });
    }
    for (const character of token.matchAll(/\n/g)) {
      line++;
      lineStart = offset + character.index + 1;
    }
    offset += token.length;
  }
  return found;
}

/** The lexer's own marks stand for no text. */
const isMark = (token: string): boolean =>
  token === CST.DOCUMENT || token === CST.SCALAR || token === CST.FLOW_END || token === CST.BOM;
