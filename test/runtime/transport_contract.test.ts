import { describe, expect, test } from "bun:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { pooledTransport } from "../../src/runtime/http1/pooled.ts";
import type { Transport } from "../../src/runtime/transport.ts";
import { fetchTransport } from "../../src/runtime/transport_fetch.ts";
import { ask, failureOf, post, textOf } from "./http1/asking.ts";
import { once } from "./http1/once.ts";
import { answering, fine, rawServer } from "./http1/raw_server.ts";

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;
const transports: readonly (readonly [string, () => Transport])[] = [
  ["fetch", fetchTransport],
  ["pooled", pooledTransport],
];

describe.each(transports)("the %s transport", (name, make) => {
  test("sends method, path, host, headers and body, and asks for no coding", async () => {
    using server = rawServer(answering(fine));
    await ask(
      make(),
      post(server.url, { headers: { "x-a": "1", host: "evil", "content-length": "99" }, body: "héllo" }),
    );
    await ask(make(), post(server.url, { method: "GET", body: null }));
    const [sent, asked] = server.peers.flatMap((peer) => peer.requests);
    expect(sent).toStartWith("POST /v1/chat?x=1 HTTP/1.1\r\n");
    expect(sent?.toLowerCase()).toContain(`\r\nhost: ${server.url.host}\r\n`);
    expect(sent?.toLowerCase()).toContain("\r\naccept-encoding: identity\r\n");
    expect(sent?.toLowerCase()).toContain("\r\nx-a: 1\r\n");
    expect(sent?.toLowerCase()).toContain("\r\ncontent-length: 6\r\n");
    expect(sent).toEndWith("\r\n\r\nh\xc3\xa9llo");
    expect(asked).toStartWith("GET /v1/chat?x=1 HTTP/1.1\r\n");
  });

  test("gives status and headers, also of a redirect it does not follow", async () => {
    using server = rawServer(
      answering(`HTTP/1.1 307 Elsewhere\r\nlocation: /x\r\nx-b: 2\r\ncontent-length: 0\r\n\r\n`),
    );
    const response = await make().send(post(server.url));
    expect(response.status).toBe(307);
    expect([response.headers.get("location"), response.headers.get("X-B")]).toEqual(["/x", "2"]);
    expect(await response.read()).toBeNull();
    expect(await response.read()).toBeNull();
    expect(server.peers.flatMap((peer) => peer.requests)).toHaveLength(1);
  });

  test("sends bytes of any size as they are", async () => {
    const sizes = [0, 1, 100_000, 3_000_000];
    using server = rawServer((peer, n) => {
      const body = peer.requests[n]?.split("\r\n\r\n")[1] ?? "";
      const sum = Bun.hash(Buffer.from(body, "latin1")).toString();
      peer.socket.write(`${ok}content-length: ${sum.length}\r\n\r\n${sum}`);
    });
    for (const size of sizes) {
      const body = new Uint8Array(size).fill(65 + (size % 7));
      expect((await ask(make(), post(server.url, { body }))).text).toBe(Bun.hash(body).toString());
    }
  });

  test.each([
    ["a close without an answer", "", "close", "reset"],
    ["a reset without an answer", "", "reset", "reset"],
    ["a cut head", `${ok}content-le`, "close", "reset"],
    ["a cut length", `${ok}content-length: 9\r\n\r\nabc`, "close", "reset"],
    ["a cut chunk", `${chunked}5\r\nab`, "close", "reset"],
    ["chunks without their end", `${chunked}2\r\nab\r\n`, "close", "reset"],
    ["a reset amid chunks", `${chunked}2\r\nab\r\n`, "reset", "reset"],
    ["a bad chunk size", `${chunked}zz\r\n`, "stay", "malformed"],
    ["two lengths", `${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nab`, "stay", "malformed"],
    ["too many fields", `${ok}${"a: b\r\n".repeat(300)}\r\n`, "stay", "malformed"],
    [
      "a body that is not gzip",
      `${ok}content-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc`,
      "stay",
      "malformed",
    ],
  ] as const)("rejects for %s", async (_, bytes, then, kind) => {
    using server = rawServer(answering(bytes, then));
    expect(await failureOf(ask(make(), post(server.url)))).toMatchObject({ kind, reached: true });
  });

  test("rejects for a closed port and a name that does not exist, with nothing sent", async () => {
    const server = rawServer(answering(fine));
    server[Symbol.dispose]();
    expect(await failureOf(make().send(post(server.url)))).toMatchObject({ kind: "refused", reached: false });
    const nowhere = post(new URL("http://nowhere.invalid/"));
    expect(await failureOf(make().send(nowhere))).toMatchObject({ kind: "dns", reached: false });
  });

  test.each([
    ["a line break", "a\r\nx-evil: 1"],
    ["a line feed", "a\nb"],
    ["a NUL", "a\0b"],
    ["a letter beyond Latin-1", "€"],
  ])("refuses %s in a header value and does not repeat it", async (_, value) => {
    using server = rawServer(answering(fine));
    const outcome = await failureOf(make().send(post(server.url, { headers: { "x-key": value } })));
    expect(outcome).toMatchObject({ kind: "malformed", reached: false });
    expect(outcome.message).not.toContain(value);
    expect(server.peers).toHaveLength(0);
  });

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ] as const)("decodes %s that nobody asked for, and notices its cut", async (coding, compress) => {
    const coded = compress(Buffer.from("hello ".repeat(10_000)));
    const answer = (bytes: Buffer): string =>
      `${ok}content-encoding: ${coding}\r\ncontent-length: ${bytes.length}\r\n\r\n${bytes.toString("latin1")}`;
    using whole = rawServer(answering(answer(coded)));
    expect((await ask(make(), post(whole.url))).text).toBe("hello ".repeat(10_000));
    using cut = rawServer(answering(answer(coded.subarray(0, coded.length - 9))));
    expect(await failureOf(ask(make(), post(cut.url)))).toMatchObject({ kind: "malformed" });
  });

  test("rejects at once when aborted beforehand", async () => {
    using server = rawServer(answering(fine));
    const outcome = await failureOf(make().send(post(server.url, { signal: AbortSignal.abort() })));
    expect(outcome).toMatchObject({ kind: "aborted", reached: false });
    expect(server.peers).toHaveLength(0);
  });

  test("closes the connection within 100 ms of an abort before the head", async () => {
    const asked = once<void>();
    using server = rawServer(() => asked.resolve());
    const controller = new AbortController();
    const outcome = failureOf(make().send(post(server.url, { signal: controller.signal })));
    await asked.promise;
    const from = performance.now();
    controller.abort();
    expect(await outcome).toMatchObject({ kind: "aborted", reached: true });
    expect(((await (await server.first).closed) ?? 0) - from).toBeLessThan(100);
  });

  test.each(["abort", "cancel"] as const)(
    "closes the connection within 100 ms of a %s amid the body",
    async (how) => {
      using server = rawServer(answering(`${chunked}2\r\nab\r\n`));
      const controller = new AbortController();
      const response = await make().send(post(server.url, { signal: controller.signal }));
      expect(Buffer.from((await response.read()) ?? []).toString()).toBe("ab");
      const next = how === "abort" ? failureOf(response.read()) : null;
      const from = performance.now();
      if (how === "abort") controller.abort();
      else response.cancel();
      if (next !== null) expect(await next).toMatchObject({ kind: "aborted" });
      expect((await (await server.first).closed) - from).toBeLessThan(100);
    },
  );

  test("reads a close-delimited body to its end", async () => {
    using server = rawServer(answering(`${ok}\r\nhello`, "close"));
    expect((await ask(make(), post(server.url))).text).toBe("hello");
  });

  test("gives pieces as they come, not when all are there", async () => {
    using server = rawServer(answering(`${chunked}2\r\nab\r\n`));
    const response = await make().send(post(server.url));
    expect(Buffer.from((await response.read()) ?? []).toString()).toBe("ab");
    const rest = textOf(response);
    (await server.first).socket.write("2\r\ncd\r\n0\r\n\r\n");
    expect(await rest).toBe("cd");
  });

  test("serves a hundred exchanges at once", async () => {
    using server = rawServer(({ socket, requests }, n) => {
      const body = requests[n]?.split("\r\n\r\n")[1] ?? "";
      socket.write(`${ok}content-length: ${body.length}\r\n\r\n${body}`);
    });
    const transport = make();
    const bodies = Array.from({ length: 100 }, (_, i) => `${name} ${i}`);
    const answers = await Promise.all(bodies.map((body) => ask(transport, post(server.url, { body }))));
    expect(answers.map(({ text }) => text)).toEqual(bodies);
  });
});
