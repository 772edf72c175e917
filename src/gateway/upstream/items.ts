import type { StreamItem, StreamMachine } from "../../domain/adapter.ts";
import { failure } from "../../domain/failure.ts";
import { SseDecoder } from "../../openai/sse.ts";
import type { TransportResponse } from "../../runtime/transport.ts";

/** Where the items of a streamed answer come from. */
export interface Items {
  /** Those that the next read brought, in order; null at the end. Rejects with what the transport rejects with. */
  readonly next: () => Promise<readonly StreamItem[] | null>;
  /** Gives the rest up. */
  readonly cancel: () => void;
}

/** The items of an answer that the provider streams. */
export function streamed(response: TransportResponse, machine: StreamMachine<unknown>): Items {
  const text = new TextDecoder();
  const sse = new SseDecoder();
  let memory = machine.start;
  let ended = false;
  const feed = (piece: string): readonly StreamItem[] => {
    const { events, overflow } = sse.feed(piece);
    const items: StreamItem[] = [];
    for (const event of events) {
      const [after, meant] = machine.step(memory, event);
      memory = after;
      for (const item of meant) items.push(item);
    }
    if (overflow) items.push(tooLarge);
    return items;
  };
  const next = async (): Promise<readonly StreamItem[] | null> => {
    const bytes = ended ? null : await response.read();
    if (bytes !== null) return feed(text.decode(bytes, { stream: true }));
    if (ended) return null;
    ended = true;
    // An event that lacks nothing but the empty line behind it was said in full; any other was cut.
    const last = feed("\n\n");
    return last.length === 0 || last.some(isMalformed) ? null : last;
  };
  return { next, cancel: () => response.cancel() };
}

const isMalformed = (item: StreamItem): boolean =>
  item.kind === "failure" && item.failure.kind === "malformed";

const tooLarge: StreamItem = {
  kind: "failure",
  failure: failure("malformed", "one event of the stream is larger than 4 MiB"),
};

/** Items that are all there already. */
export function ready(items: readonly StreamItem[]): Items {
  let rest: readonly StreamItem[] | null = items;
  const next = async (): Promise<readonly StreamItem[] | null> => {
    const all = rest;
    rest = null;
    return all;
  };
  return { next, cancel: () => undefined };
}
