import { TransportError } from "../transport.ts";

/** Reads a body piece by piece; null at its end. */
export type ReadPiece = () => Promise<Uint8Array | null>;

/** The codings that are undone; we ask for none of them. RFC 9110 §8.4.1. */
const formats = { gzip: "gzip", "x-gzip": "gzip", deflate: "deflate", br: "brotli" } as const;
type Coding = keyof typeof formats;

/** Whether the coding of a body can be undone. */
export const isKnownCoding = (coding: string): coding is Coding => Object.hasOwn(formats, coding);

/** Undoes the coding of a body, asking for coded bytes only when decoded ones are; gives it up when it is not valid. */
export function decoded(read: ReadPiece, coding: Coding, giveUp: () => void): ReadPiece {
  const coded = new ReadableStream<BufferSource>(
    {
      pull: async (controller) => {
        const piece = await read();
        if (piece === null) controller.close();
        else controller.enqueue(new Uint8Array(piece));
      },
    },
    { highWaterMark: 0 },
  );
  // The platform knows brotli; the type of the web platform does not yet.
  const reader = coded.pipeThrough(new DecompressionStream(formats[coding] as CompressionFormat)).getReader();
  return async () => {
    try {
      const { done, value } = await reader.read();
      return done ? null : value;
    } catch (error) {
      if (error instanceof TransportError) throw error;
      giveUp();
      throw new TransportError("malformed", `the body is not valid ${coding}`, true);
    }
  };
}
