import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { pooledTransport } from "../../../src/runtime/http1/pooled.ts";
import { ask, failureOf, post, textOf } from "./asking.ts";
import { once } from "./once.ts";
import { answering, fine, type OnRequest, rawServer } from "./raw_server.ts";

setDefaultTimeout(20_000);

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;

describe("a connection is used again", () => {
  test.each([
    ["a length", fine],
    ["chunks", `${chunked}2\r\nok\r\n0\r\n\r\n`],
    ["no body", "HTTP/1.1 204 No Content\r\n\r\n"],
    ["an error", "HTTP/1.1 500 Oops\r\ncontent-length: 2\r\n\r\nok"],
  ])("after %s", async (_, answer) => {
    using server = rawServer(answering(answer));
    const transport = pooledTransport();
    for (let i = 0; i < 20; i++) await ask(transport, post(server.url));
    expect(server.peers.map((peer) => peer.requests.length)).toEqual([20]);
  });

  test("by every one of 500 at once, in the next round", async () => {
    using server = rawServer(answering(fine));
    const transport = pooledTransport();
    for (let round = 0; round < 3; round++) {
      await Promise.all(Array.from({ length: 500 }, () => ask(transport, post(server.url))));
    }
    expect(server.peers.flatMap((peer) => peer.requests)).toHaveLength(1_500);
    expect(server.peers.length).toBeLessThanOrEqual(500);
  });

  test("only for its own origin", async () => {
    using one = rawServer(answering(fine));
    using other = rawServer(answering(fine));
    const transport = pooledTransport();
    for (const { url } of [one, other, one, other]) await ask(transport, post(url));
    expect([one.peers.length, other.peers.length]).toEqual([1, 1]);
  });
});

describe("a connection is closed", () => {
  test.each([
    ["when the server says so", `${ok}connection: close\r\ncontent-length: 2\r\n\r\nok`],
    ["when the server keeps none", `${ok}keep-alive: timeout=0\r\ncontent-length: 2\r\n\r\nok`],
    ["after HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok"],
    ["after bytes beyond the answer", `${fine}HTTP/1.1 200 OK\r\n`],
    ["after a body where none can be", "HTTP/1.1 204 No Content\r\n\r\nhello"],
  ])("%s", async (_, answer) => {
    using server = rawServer(answering(answer));
    const transport = pooledTransport();
    await ask(transport, post(server.url));
    await (await server.first).closed;
    await ask(transport, post(server.url));
    expect(server.peers.map((peer) => peer.requests.length)).toEqual([1, 1]);
  });

  test("when bytes come that nobody asked for", async () => {
    using server = rawServer(answering(fine));
    const transport = pooledTransport();
    await ask(transport, post(server.url));
    const peer = await server.first;
    peer.socket.write(`${ok}content-length: 4\r\n\r\nevil`);
    await peer.closed;
    expect(await ask(transport, post(server.url))).toEqual({ status: 200, text: "ok" });
  });

  test("when an answer came before its request was sent whole", async () => {
    using server = rawServer(() => undefined, {
      onOpen: ({ socket }) => {
        socket.pause();
        socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno");
      },
    });
    const outcome = await ask(pooledTransport(), post(server.url, { body: new Uint8Array(30_000_000) }));
    expect(outcome).toEqual({ status: 413, text: "no" });
    const peer = await server.first;
    peer.socket.resume();
    await peer.closed;
  });

  test("when it has been idle for as long as it may, or as the server says", async () => {
    using server = rawServer(answering(fine));
    using brief = rawServer(answering(`${ok}keep-alive: timeout=1, max=9\r\ncontent-length: 2\r\n\r\nok`));
    const from = performance.now();
    await ask(pooledTransport({ idleMs: 10 }), post(server.url));
    await ask(pooledTransport(), post(brief.url));
    for (const { first } of [server, brief]) expect((await (await first).closed) - from).toBeLessThan(3_000);
  });

  test("when more are idle than may be", async () => {
    let left = 5;
    const threeClosed = once<void>();
    // None is answered before all are there, so that none is used twice.
    using server = rawServer(() => {
      left -= 1;
      if (left > 0) return;
      for (const peer of server.peers) peer.socket.write(fine);
      let closed = 0;
      for (const peer of server.peers) peer.closed.then(() => ++closed === 3 && threeClosed.resolve());
    });
    const transport = pooledTransport({ maxIdlePerOrigin: 2 });
    await Promise.all(Array.from({ length: 5 }, () => ask(transport, post(server.url))));
    await threeClosed.promise;
  });

  test("when the transport is, once its exchange has ended", async () => {
    const asked = once<void>();
    using server = rawServer(() => asked.resolve());
    const transport = pooledTransport();
    const outcome = ask(transport, post(server.url));
    await asked.promise;
    transport.close();
    const peer = await server.first;
    peer.socket.write(fine);
    expect(await outcome).toEqual({ status: 200, text: "ok" });
    await peer.closed;
  });
});

describe("a connection from the pool that turns out to be closed", () => {
  /** The server closes right when the next request is sent: the client cannot know yet. */
  async function race(
    how: "end" | "terminate",
    method: "POST" | "GET",
  ): Promise<{ text: string; whole: number[] }> {
    using server = rawServer(answering(fine));
    const transport = pooledTransport();
    await ask(transport, post(server.url));
    (await server.first).socket[how]();
    const { text } = await ask(transport, post(server.url, { method, body: method === "GET" ? null : "{}" }));
    return { text, whole: server.peers.map((peer) => peer.requests.length) };
  }

  test.each([
    ["end", "POST"],
    ["end", "GET"],
    ["terminate", "POST"],
    ["terminate", "GET"],
  ] as const)("by %s costs a %s nothing but a new one", async (how, method) => {
    for (let i = 0; i < 20; i++) expect(await race(how, method)).toEqual({ text: "ok", whole: [1, 1] });
  });

  const dropping =
    (how: "end" | "terminate"): OnRequest =>
    (peer, n) => {
      if (n === 0) peer.socket.write(fine);
      else peer.socket[how]();
    };

  test.each(["end", "terminate"] as const)(
    "by %s after it read a POST fails it: it may have been processed",
    async (how) => {
      using server = rawServer(dropping(how));
      const transport = pooledTransport();
      await ask(transport, post(server.url));
      expect(await failureOf(ask(transport, post(server.url)))).toMatchObject({
        kind: "reset",
        reached: true,
      });
      expect(server.peers.map((peer) => peer.requests.length)).toEqual([2]);
    },
  );

  test("after it read a GET is replaced: a GET may be sent twice", async () => {
    using server = rawServer(dropping("end"));
    const transport = pooledTransport();
    await ask(transport, post(server.url));
    expect((await ask(transport, post(server.url, { method: "GET", body: null }))).text).toBe("ok");
    expect(server.peers.map((peer) => peer.requests.length)).toEqual([2, 1]);
  });

  test("after the first byte of an answer is not replaced", async () => {
    using server = rawServer((peer, n) => {
      peer.socket.write(n === 0 ? fine : "H");
      if (n > 0) peer.socket.end();
    });
    const transport = pooledTransport();
    await ask(transport, post(server.url));
    const get = post(server.url, { method: "GET", body: null });
    expect(await failureOf(ask(transport, get))).toMatchObject({ kind: "reset", reached: true });
    expect(server.peers).toHaveLength(1);
  });

  test("is not replaced when it was new", async () => {
    using server = rawServer(answering("", "close"));
    const get = post(server.url, { method: "GET", body: null });
    expect(await failureOf(ask(pooledTransport(), get))).toMatchObject({ kind: "reset", reached: true });
    expect(server.peers).toHaveLength(1);
  });
});

test("a reset amid a close-delimited body is a cut, not its end", async () => {
  using server = rawServer(answering(`${ok}\r\nhello`));
  const response = await pooledTransport().send(post(server.url));
  expect(Buffer.from((await response.read()) ?? []).toString()).toBe("hello");
  (await server.first).socket.terminate();
  expect(await failureOf(response.read())).toMatchObject({ kind: "reset", reached: true });
  expect(await failureOf(response.read())).toMatchObject({ kind: "reset" });
});

test("what came before a cut is still read", async () => {
  using server = rawServer(answering(`${chunked}2\r\nab\r\n2\r\nc`, "close"));
  const response = await pooledTransport().send(post(server.url));
  await (await server.first).closed;
  const pieces: string[] = [];
  const failed = await failureOf(
    (async () => {
      for (;;) pieces.push(Buffer.from((await response.read()) ?? []).toString());
    })(),
  );
  expect(pieces.join("")).toBe("abc");
  expect(failed).toMatchObject({ kind: "reset" });
});

test("an answer is the same when it comes byte by byte", async () => {
  const bytes = `HTTP/1.1 100 Continue\r\n\r\n${chunked}3;x=y\r\nabc\r\n2\r\nde\r\n0\r\na: b\r\n\r\n`;
  using server = rawServer(({ socket }) => {
    let i = 0;
    socket.setNoDelay(true);
    const step = (): void => {
      socket.write(bytes.charAt(i++));
      if (i < bytes.length) setImmediate(step);
    };
    step();
  });
  const transport = pooledTransport();
  for (let i = 0; i < 3; i++)
    expect(await ask(transport, post(server.url))).toEqual({ status: 200, text: "abcde" });
  expect(server.peers).toHaveLength(1);
});

test("a large body goes out as fast as it is read, and whole", async () => {
  const body = "é€".repeat(3_000_000);
  const wanted = Bun.hash(Buffer.from(body)).toString();
  const asked = once<string>();
  using server = rawServer(() => undefined, {
    onOpen: (peer) => {
      peer.socket.pause();
      setTimeout(() => peer.socket.resume(), 20);
    },
  });
  const controller = new AbortController();
  const outcome = failureOf(pooledTransport().send(post(server.url, { body, signal: controller.signal })));
  const peer = await server.first;
  const poll = setInterval(() => {
    const [request] = peer.requests;
    if (request !== undefined)
      asked.resolve(
        Bun.hash(Buffer.from(request.slice(request.indexOf("\r\n\r\n") + 4), "latin1")).toString(),
      );
  }, 5);
  expect(await asked.promise).toBe(wanted);
  clearInterval(poll);
  controller.abort();
  expect(await outcome).toMatchObject({ kind: "aborted" });
});

test("letters beyond ASCII in a header go out as Latin-1, beside a body in UTF-8", async () => {
  using server = rawServer(answering(fine));
  await ask(pooledTransport(), post(server.url, { headers: { "x-title": "Café" }, body: "é" }));
  const [request] = (await server.first).requests;
  expect(request).toContain("x-title: Caf\xe9\r\n");
  expect(request).toEndWith("\r\n\r\n\xc3\xa9");
});

test("a connection over IPv6 names its address in brackets", async () => {
  using server = rawServer(answering(fine), { hostname: "::1" });
  expect((await ask(pooledTransport(), post(server.url))).text).toBe("ok");
  expect((await server.first).requests[0]).toContain(`\r\nhost: [::1]:${server.url.port}\r\n`);
});

test("an unknown content-encoding is malformed, and its connection closed", async () => {
  using server = rawServer(answering(`${ok}content-encoding: zip\r\ncontent-length: 9\r\n\r\nab`));
  expect(await failureOf(ask(pooledTransport(), post(server.url)))).toMatchObject({
    kind: "malformed",
    reached: true,
  });
  await (await server.first).closed;
});

test("a body that cannot be decoded closes its connection", async () => {
  using server = rawServer(
    answering(`${chunked.replace(ok, `${ok}content-encoding: gzip\r\n`)}3\r\nabc\r\n`),
  );
  const response = await pooledTransport().send(post(server.url));
  expect(await failureOf(textOf(response))).toMatchObject({ kind: "malformed" });
  await (await server.first).closed;
});
