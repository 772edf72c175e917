import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createServer } from "node:tls";
import { pooledTransport } from "../../../src/runtime/http1/pooled.ts";
import { fetchTransport } from "../../../src/runtime/transport_fetch.ts";
import { ask, failureOf, post } from "./asking.ts";
import { selfSigned } from "./certificates.ts";
import { once } from "./once.ts";
import { answering, fine, rawServer } from "./raw_server.ts";

setDefaultTimeout(20_000);

const local = selfSigned("DNS:localhost,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1");
const other = selfSigned("DNS:elsewhere.test");
const overTls = (url: URL): URL => new URL(url.href.replace("http:", "https:"));

describe("over TLS", () => {
  test.each(["127.0.0.1", "::1"])(
    "a trusted certificate for %s is accepted, and the connection used again",
    async (hostname) => {
      using server = rawServer(answering(fine), { hostname, tls: local });
      const transport = pooledTransport({ ca: local.cert });
      for (let i = 0; i < 3; i++)
        expect(await ask(transport, post(server.url))).toEqual({ status: 200, text: "ok" });
      expect(server.peers).toHaveLength(1);
    },
  );

  test("name and protocol are told", async () => {
    const told = once<readonly unknown[]>();
    const server = createServer({ ...local, ALPNProtocols: ["h2", "http/1.1"] }, (socket) => {
      told.resolve([socket.servername, socket.alpnProtocol]);
      socket.end(fine);
    });
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    await ask(pooledTransport({ ca: local.cert }), post(new URL(`https://localhost:${port}/`)));
    expect(await told.promise).toEqual(["localhost", "http/1.1"]);
    server.close();
  });

  test("a certificate nobody vouches for is refused, by both transports, before anything is sent", async () => {
    using server = rawServer(answering(fine), { tls: local });
    for (const transport of [pooledTransport(), fetchTransport()]) {
      expect(await failureOf(ask(transport, post(server.url)))).toMatchObject({
        kind: "tls",
        reached: false,
      });
    }
    expect(server.peers.flatMap((peer) => peer.requests)).toEqual([]);
  });

  test("the environment cannot switch verification off", async () => {
    using server = rawServer(answering(fine), { tls: local });
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    try {
      expect(await failureOf(ask(pooledTransport(), post(server.url)))).toMatchObject({ kind: "tls" });
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
  });

  test("a certificate for another name is refused", async () => {
    using server = rawServer(answering(fine), { tls: other });
    const outcome = await failureOf(ask(pooledTransport({ ca: other.cert }), post(server.url)));
    expect(outcome).toMatchObject({ kind: "tls", reached: false });
    expect(outcome.message).toContain("ERR_TLS_CERT_ALTNAME_INVALID");
  });

  test.each([
    ["speaks no TLS", "stay"],
    ["closes amid the handshake", "close"],
  ] as const)("a server that %s is refused", async (_, then) => {
    using server = rawServer(answering(fine), {
      onOpen: (peer) => answering("HTTP/1.1 400 Bad\r\n\r\n", then)(peer, 0),
    });
    expect(await failureOf(ask(pooledTransport(), post(overTls(server.url))))).toMatchObject({
      kind: "tls",
      reached: false,
    });
  });

  test("a body is cut when its connection is", async () => {
    using server = rawServer(answering("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", "close"), {
      tls: local,
    });
    const outcome = await failureOf(ask(pooledTransport({ ca: local.cert }), post(server.url)));
    expect(outcome).toMatchObject({ kind: "reset", reached: true });
  });

  test("a large body goes both ways", async () => {
    const body = "x".repeat(5_000_000);
    using server = rawServer(
      (peer, n) => {
        const reply = Buffer.from(
          `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${peer.requests[n]?.split("\r\n\r\n")[1]}`,
        );
        let sent = 0;
        peer.onDrain = () => {
          sent += Math.max(0, peer.socket.write(reply.subarray(sent)));
        };
        peer.onDrain();
      },
      { tls: local },
    );
    const { text } = await ask(pooledTransport({ ca: local.cert }), post(server.url, { body }));
    expect(text === body).toBe(true);
  });
});

describe("a connection in the making", () => {
  test("is given up when it takes too long, TLS included", async () => {
    using server = rawServer(() => undefined);
    const from = performance.now();
    const outcome = await failureOf(ask(pooledTransport(), post(overTls(server.url), { connectMs: 50 })));
    expect(outcome).toMatchObject({ kind: "connect_timeout", reached: false });
    expect(performance.now() - from).toBeLessThan(1_000);
    await (await server.first).closed;
  });

  test("is given up when nobody accepts it", async () => {
    const worker = new Worker(new URL("./deaf_server.ts", import.meta.url), { type: "module" });
    const port = await new Promise<number>((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
    });
    const transport = pooledTransport();
    const request = post(new URL(`http://127.0.0.1:${port}/`), { connectMs: 100 });
    const controller = new AbortController();
    // Those its queue has room for are connected, and wait for an answer that never comes.
    const waiting = Array.from({ length: 600 }, () =>
      failureOf(transport.send({ ...request, signal: controller.signal })),
    );
    const kinds = new Set<string>();
    for (const outcome of waiting) outcome.then(({ kind }) => kinds.add(kind));
    expect(await Promise.race(waiting)).toMatchObject({ kind: "connect_timeout", reached: false });
    controller.abort();
    await Promise.all(waiting);
    expect([...kinds].sort()).toEqual(["aborted", "connect_timeout"]);
    worker.terminate();
  });

  test("is closed within 100 ms of an abort", async () => {
    using server = rawServer(() => undefined);
    const controller = new AbortController();
    const outcome = failureOf(
      ask(pooledTransport(), post(overTls(server.url), { signal: controller.signal })),
    );
    const peer = await server.first;
    const from = performance.now();
    controller.abort();
    expect(await outcome).toMatchObject({ kind: "aborted", reached: false });
    expect((await peer.closed) - from).toBeLessThan(100);
  });

  test("is not made for an exchange that is aborted in the same moment", async () => {
    using server = rawServer(answering(fine));
    const controller = new AbortController();
    const outcome = failureOf(ask(pooledTransport(), post(server.url, { signal: controller.signal })));
    controller.abort();
    expect(await outcome).toMatchObject({ kind: "aborted", reached: false });
    expect(await ask(pooledTransport(), post(server.url))).toMatchObject({ text: "ok" });
    expect(server.peers.flatMap((peer) => peer.requests)).toHaveLength(1);
  });
});
