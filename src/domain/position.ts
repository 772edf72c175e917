/** Where something stands in a configuration file; line and column count from 1, columns in UTF-16 units. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `routes.yaml:14:17`, the form that terminals and editors make clickable. */
export const showPosition = (at: Position): string => `${at.file}:${at.line}:${at.column}`;
