import { expect, test } from "bun:test";
import { pooledTransport } from "../../../src/runtime/http1/pooled.ts";
import { failureOf, post } from "./asking.ts";

const total = 300 * 1024 * 1024;
const MiB = 1024 * 1024;

test.each(["content-length", "chunked", "close"])(
  "300 MB read slowly, framed by %s, never pile up",
  async (framing) => {
    // Another process, so that what waits there is not counted here.
    const source = Bun.spawn(
      ["bun", new URL("./firehose.ts", import.meta.url).pathname, framing, String(total)],
      {
        stdout: "pipe",
      },
    );
    const { value } = await source.stdout.getReader().read();
    const response = await pooledTransport().send(post(new URL(new TextDecoder().decode(value).trim())));
    await response.read();
    Bun.gc(true);
    const before = process.memoryUsage.rss();
    // Nobody asks for a while: the other end must come to a halt.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(process.memoryUsage.rss() - before).toBeLessThan(24 * MiB);
    let bytes = 0;
    let peak = 0;
    for (let piece = await response.read(), n = 0; piece !== null; piece = await response.read(), n++) {
      bytes += piece.byteLength;
      if (n % 64 === 0) peak = Math.max(peak, process.memoryUsage.rss());
      if (n % 256 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(bytes).toBeGreaterThan(total - 4 * MiB);
    expect(peak - before).toBeLessThan(96 * MiB);
    source.kill();
  },
);

test("a reader that stopped reading may still cancel, and its connection closes", async () => {
  const source = Bun.spawn(
    ["bun", new URL("./firehose.ts", import.meta.url).pathname, "chunked", String(total)],
    {
      stdout: "pipe",
    },
  );
  const { value } = await source.stdout.getReader().read();
  const controller = new AbortController();
  const url = new URL(new TextDecoder().decode(value).trim());
  const response = await pooledTransport().send(post(url, { signal: controller.signal }));
  await response.read();
  await new Promise((resolve) => setTimeout(resolve, 30));
  controller.abort();
  expect(await failureOf(response.read())).toMatchObject({ kind: "aborted" });
  // It ends by itself when its one connection is gone.
  expect(await source.exited).toBe(0);
});
