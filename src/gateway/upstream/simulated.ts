import type { DurationMs } from "../../core/units.ts";
import type { UpstreamRequest } from "../../domain/adapter.ts";
import { simulate } from "../../providers/simulated.ts";
import { systemClock } from "../../runtime/clock.ts";
import { type Transport, TransportError, type TransportResponse } from "../../runtime/transport.ts";

/** A network that is not there: the built-in model answers in OpenAI's wire format, as any provider would. */
export function simulatedTransport(request: UpstreamRequest, chance: number): Transport {
  return {
    close: () => {},
    send: async ({ signal }) => {
      const simulated = simulate(request, chance);
      await pass(simulated.latencyMs, signal);
      if (simulated.failure !== null) {
        const { kind, status, message } = simulated.failure;
        if (status === null) throw new TransportError("reset", message, true);
        const error = { message, type: kind, code: kind, param: null };
        return respond(status, "application/json", [{ afterMs: 0, text: JSON.stringify({ error }) }], signal);
      }
      if (!request.stream) {
        return respond(
          200,
          "application/json",
          [{ afterMs: 0, text: JSON.stringify(simulated.answer) }],
          signal,
        );
      }
      const events = simulated.chunks.map(({ afterMs, json }) => ({ afterMs, text: `data: ${json}\n\n` }));
      return respond(200, "text/event-stream", [...events, { afterMs: 0, text: "data: [DONE]\n\n" }], signal);
    },
  };
}

interface Piece {
  readonly afterMs: DurationMs;
  readonly text: string;
}

function respond(
  status: number,
  type: string,
  pieces: readonly Piece[],
  signal: AbortSignal,
): TransportResponse {
  const encoder = new TextEncoder();
  let next = 0;
  return {
    status,
    headers: new Headers({ "content-type": type }),
    read: async () => {
      const piece = pieces[next++];
      if (piece === undefined) return null;
      await pass(piece.afterMs, signal);
      return encoder.encode(piece.text);
    },
    cancel: () => {
      next = pieces.length;
    },
  };
}

async function pass(ms: DurationMs, signal: AbortSignal): Promise<void> {
  if (ms > 0) await systemClock.sleep(ms, signal);
  if (signal.aborted) throw new TransportError("aborted", "the exchange was aborted", true);
}
