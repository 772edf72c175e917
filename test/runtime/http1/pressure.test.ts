import { expect, setDefaultTimeout, test } from "bun:test";
import { pooledTransport } from "../../../src/runtime/http1/pooled.ts";
import { failureOf, post } from "./asking.ts";

setDefaultTimeout(20_000);

const total = 300 * 1024 * 1024;
const MiB = 1024 * 1024;
const beside = (name: string): string => new URL(name, import.meta.url).pathname;

test.each(["content-length", "chunked", "close"])(
  "300 MB read slowly, framed by %s, never pile up",
  async (framing) => {
    // Processes of their own, so that neither what waits at the other end nor the other tests' memory is counted here.
    const source = Bun.spawn([process.execPath, beside("./firehose.ts"), framing, String(total)], {
      stdout: "pipe",
    });
    const { value } = await source.stdout.getReader().read();
    const reader = Bun.spawn(
      [process.execPath, beside("./slow_reader.ts"), new TextDecoder().decode(value).trim()],
      {
        stdout: "pipe",
      },
    );
    const { bytes, whileStill, most } = await new Response(reader.stdout).json();
    expect(bytes).toBeGreaterThan(total - 4 * MiB);
    expect(whileStill).toBeLessThan(24 * MiB);
    expect(most).toBeLessThan(96 * MiB);
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
