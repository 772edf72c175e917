import { type Diagnostic, diagnostic } from "../config/diagnostic.ts";
import { topOf } from "../config/tree.ts";
import { startThread } from "../runtime/worker.ts";
import type { Serving } from "./deployment.ts";
import type { GateReply, GateRequest } from "./gate_worker.ts";
import type { Candidate } from "./source.ts";

/** What a gate needs to know of the process. */
export type GateFacts = Pick<GateRequest, "database" | "engine" | "variables">;

/**
 * Replays recorded traffic under a candidate, in a thread of its own, and applies the gates of what serves. A replay that
 * says nothing, for lack of traffic or of likeness, keeps nobody out: it is told, and the canary is still to come.
 */
export async function passGates(
  facts: GateFacts,
  { generation, row }: Serving,
  head: Candidate,
  tell: (why: string) => void,
): Promise<readonly Diagnostic[]> {
  if (generation.snapshot.gates.replay === null) return [];
  const verdict = await askThread({ ...facts, base: row.files, head: head.files });
  if (verdict.kind === "failed") return verdict.why.map((why) => objection(head, why));
  if (verdict.kind !== "passed") tell(verdict.why);
  return [];
}

function askThread(request: GateRequest): Promise<GateReply> {
  return new Promise((resolve) => {
    const thread = startThread<GateRequest, GateReply>(new URL("./gate_worker.ts", import.meta.url), {
      greeting: () => [request],
      onMessage: (reply) => end(reply),
      onCrash: (why) => end({ kind: "unable", why }),
    });
    const end = (reply: GateReply): void => {
      thread.stop();
      resolve(reply);
    };
  });
}

const objection = ({ files }: Candidate, why: string): Diagnostic =>
  diagnostic(
    "assert_failed",
    topOf(files[0]?.name ?? "routes.yaml"),
    `The gate gates.replay of the running configuration is not passed: ${why}.`,
  );
