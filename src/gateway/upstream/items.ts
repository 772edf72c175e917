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
  const next = async (): Promise<readonly StreamItem[] | null> => {
    const bytes = await response.read();
    if (bytes === null) return null;
    const { events, overflow } = sse.feed(text.decode(bytes, { stream: true }));
    const items: StreamItem[] = [];
    for (const event of events) {
      const [after, meant] = machine.step(memory, event);
      memory = after;
      for (const item of meant) items.push(item);
    }
    if (overflow) items.push(tooLarge);
    return items;
  };
  return { next, cancel: () => response.cancel() };
}

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
