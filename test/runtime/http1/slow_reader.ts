import { pooledTransport } from "../../../src/runtime/http1/pooled.ts";
import { post } from "./asking.ts";

/** Reads an answer slowly and prints, as JSON, its bytes and by how much the process grew: while still, and at most. */
const response = await pooledTransport().send(post(new URL(process.argv[2] ?? "")));
await response.read();
Bun.gc(true);
const before = process.memoryUsage.rss();
// Nobody asks for a while: the other end must come to a halt.
await new Promise((resolve) => setTimeout(resolve, 100));
const whileStill = process.memoryUsage.rss() - before;
let bytes = 0;
let peak = 0;
for (let piece = await response.read(), n = 0; piece !== null; piece = await response.read(), n++) {
  bytes += piece.byteLength;
  if (n % 64 === 0) peak = Math.max(peak, process.memoryUsage.rss());
  if (n % 256 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
console.log(JSON.stringify({ bytes, whileStill, most: peak - before }));
process.exit(0);
