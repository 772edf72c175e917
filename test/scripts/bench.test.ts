import { afterAll, describe, expect, test } from "bun:test";
import { Connection } from "../../scripts/bench/connection.ts";
import { median } from "../../scripts/bench/figures.ts";
import { assertLoopback, chatBody, getBytes, models } from "../../scripts/bench/wire.ts";

const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

/** Answers every request with `pieces`, each in a segment of its own. */
function answering(pieces: readonly string[]): URL {
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      async data(socket) {
        for (const piece of pieces) {
          socket.write(piece);
          socket.flush();
          await new Promise(setImmediate);
        }
      },
    },
  });
  closers.push(() => server.stop(true));
  return new URL(`http://127.0.0.1:${server.port}/`);
}

async function statuses(pieces: readonly string[], times: number): Promise<number[]> {
  const url = answering(pieces);
  const seen: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const connection = await Connection.open(url, {
    done: (status, self) => {
      seen.push(status);
      if (seen.length < times) self.send(getBytes(url));
      else resolve();
    },
  });
  connection.send(getBytes(url));
  await promise;
  connection.close();
  return seen;
}

describe("the load generator", () => {
  const head = "HTTP/1.1 200 OK\r\n";

  test.each([
    { name: "one segment", pieces: [`${head}content-length: 2\r\n\r\nhi`] },
    { name: "a head in two pieces", pieces: [head, "Content-Length: 2\r\n\r\nhi"] },
    { name: "a body in two pieces", pieces: [`${head}content-length: 4\r\n\r\nhi`, "ho"] },
    { name: "chunks", pieces: [`${head}transfer-encoding: chunked\r\n\r\n`, "2\r\nhi\r\n", "0\r\n\r\n"] },
    { name: "no chunk at all", pieces: [`${head}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`] },
    {
      name: "a last chunk in two pieces",
      pieces: [`${head}transfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0`, "\r\n\r\n"],
    },
  ])("sees the end of an answer: $name", async ({ pieces }) => {
    expect(await statuses(pieces, 3)).toEqual([200, 200, 200]);
  });

  test.each(["10.0.0.1", "example.com", "0.0.0.0", "127.0.0.1.example.com", "::", "localhost.example.com"])(
    "never connects to %s",
    (hostname) => expect(() => assertLoopback(hostname)).toThrow("not a loopback address"),
  );

  test.each(["127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]"])("connects to %s", (hostname) => {
    expect(() => assertLoopback(hostname)).not.toThrow();
  });

  test.each([1024, 100 * 1024])("makes bodies of %p bytes", (size) => {
    expect(chatBody(models.plain, size)).toHaveLength(size);
  });

  test("takes the median of each field and adds errors up", () => {
    const samples = [1, 100, 3].map((perSecond) => ({ perSecond, errors: 1 }));
    expect(median(samples)).toEqual({ perSecond: 3, errors: 3 });
  });
});
