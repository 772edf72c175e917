import type { Fields } from "../fields.ts";

/** What one side says before the other does. https://ai.google.dev/api/caching#Content */
export interface Content {
  readonly role: "user" | "model";
  readonly parts: readonly Fields[];
}
