import { startThread } from "../../runtime/worker.ts";
import type { DraftQuestion, DraftReply } from "./question.ts";

/** The last reply to a question. */
export type DraftEnd = Exclude<DraftReply, { readonly kind: "progress" }>;

/**
 * Looks into a draft, in a thread of its own that ends with the answer, or with `signal`: whatever somebody types into an
 * editor, live requests do not wait for it.
 */
export function lookInto(
  question: DraftQuestion,
  {
    signal,
    onProgress,
  }: { readonly signal: AbortSignal; readonly onProgress?: (done: number, of: number) => void },
): Promise<DraftEnd> {
  return new Promise((resolve) => {
    const thread = startThread<DraftQuestion, DraftReply>(new URL("./worker.ts", import.meta.url), {
      greeting: () => [question],
      onMessage: (reply) => (reply.kind === "progress" ? onProgress?.(reply.done, reply.of) : end(reply)),
      onCrash: (why) => end({ kind: "unable", why }),
    });
    const end = (reply: DraftEnd): void => {
      signal.removeEventListener("abort", stop);
      thread.stop();
      resolve(reply);
    };
    const stop = (): void => end({ kind: "unable", why: "Nobody waits for it any more." });
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
}
