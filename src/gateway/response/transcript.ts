import { assemble } from "../../openai/assemble.ts";

/** More of a streamed answer is not kept for the log; in characters. */
const most = 1024 * 1024;

/** What a stream said, kept while it goes out, for those who log interactions in full. */
export class Transcript {
  readonly #chunks: string[] = [];
  #length = 0;

  add(chunks: readonly string[]): void {
    for (const chunk of chunks) {
      if (this.#length >= most) return;
      this.#chunks.push(chunk);
      this.#length += chunk.length;
    }
  }

  /** The whole answer as JSON text, as far as it was kept; null when nothing was said. */
  whole(usage: unknown): string | null {
    const answer = assemble(this.#chunks, usage);
    if (answer === null) return null;
    return JSON.stringify(this.#length >= most ? { ...answer, cut: true } : answer);
  }
}
