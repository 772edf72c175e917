import { fingerprint } from "../fingerprint.ts";

/**
 * Ids of tool calls as Anthropic takes them: letters, digits, `_` and `-`, each once in a conversation. Other providers'
 * ids may have other characters, and some begin anew with every turn. Results find their call by the id that it last had.
 */
export class ToolIds {
  readonly #taken = new Set<string>();
  readonly #current = new Map<string, string>();

  /** The id for a call that the conversation names `id`. */
  begin(id: string): string {
    const clean = /^[A-Za-z0-9_-]+$/.test(id) ? id : `call_${fingerprint(id)}`;
    let unique = clean;
    for (let turn = 2; this.#taken.has(unique); turn++) unique = `${clean}_${turn}`;
    this.#taken.add(unique);
    this.#current.set(id, unique);
    return unique;
  }

  /** The id of the call that a result belongs to; made up where there was none, for the provider to judge. */
  answered(id: string): string {
    return this.#current.get(id) ?? this.begin(id);
  }
}
