import type { z } from "zod";

/** What a provider answers to a request that is not as it wants it. */
export class Complaint extends Error {
  readonly status: number;
  readonly code: string | null;

  constructor(message: string, status = 400, code: string | null = null) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Stops the reading of a request. */
export function complain(message: string, status = 400, code: string | null = null): never {
  throw new Complaint(message, status, code);
}

/** Complains unless something holds. */
export function must(holds: boolean, message: string, status = 400): void {
  if (!holds) complain(message, status);
}

/** How a provider words what zod found. */
export type Wording = (path: readonly PropertyKey[], issue: z.core.$ZodIssue) => string;

/** A body as its schema has it; complains of the first thing that is not so. */
export function readBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  word: Wording,
  status = 400,
): z.output<Schema> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const issue = deepest(read.error.issues[0]);
  return complain(issue === null ? "unreadable" : word(issue.path, issue.issue), status);
}

interface Found {
  readonly path: readonly PropertyKey[];
  readonly issue: z.core.$ZodIssue;
}

/** Of a union the alternative that came furthest: what is wrong is wrong there. */
function deepest(issue: z.core.$ZodIssue | undefined, above: readonly PropertyKey[] = []): Found | null {
  if (issue === undefined) return null;
  const path = [...above, ...issue.path];
  if (issue.code !== "invalid_union") return { path, issue };
  const inside = issue.errors.flatMap((issues) => deepest(issues[0], path) ?? []);
  return inside.sort((a, b) => b.path.length - a.path.length)[0] ?? { path, issue };
}
