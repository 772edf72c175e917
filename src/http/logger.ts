/** What the HTTP layer writes to: pino's form, whoever provides it. */
export interface Logger {
  readonly error: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}
