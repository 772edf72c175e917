import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { gate, until } from "../support/until.ts";
import { answer, completion, json, type Received, sse, startUpstream } from "../support/upstream.ts";

setDefaultTimeout(20_000);

/** An auth server, and a service that takes the tokens it gave and has not revoked. */
const given = new Set<string>();
let login: (received: Received) => Response | Promise<Response>;
let serve: (received: Received) => Response | Promise<Response> | undefined;
const auth = startUpstream((received) => login(received));
const service = startUpstream((received) =>
  given.has(received.headers.get("authorization")?.replace("Bearer ", "") ?? "")
    ? serve(received)
    : json({ error: { message: "unknown token" } }, 401),
);
const spare = startUpstream();

let issued = 0;
function issue(more: object = {}): Response {
  issued += 1;
  const token = `tok-${issued}-0123456789`;
  given.add(token);
  return json({ token, ...more });
}

const inhouse = (name: string, more: string) =>
  `  ${name}: { kind: request, base_url: "${service.url}/${name}", ${more} }`;
const short = (name: string) =>
  `auth_url: "${auth.url}/${name}", username: env:LLM_USER, password: env:LLM_PASS, token_cache_hours: 1`;
const long = (name: string, more = "") =>
  `login: { url: "${auth.url}/${name}", body: { u: env:LLM_USER, p: env:LLM_PASS }${more} }`;
const templates = `request: { path: "/run/{model}", body: { input: $prompt, max: $max_tokens, stream: $stream } }, answer: { text: /data/output, prompt_tokens: /u/in, completion_tokens: /u/out, error: /error/message }`;
const dead = "http://127.0.0.1:1/login";
const brief = "timeouts: { answer: 100ms, first_byte: 100ms }";
const providers = {
  first: short("first"),
  expiring: long("expiring", ", expires_in: /ttl"),
  revoked: long("revoked"),
  session: `${long("session")}, api_key_header: x-session`,
  useless: long("useless"),
  left: long("left"),
  kept: long("kept"),
  tagged: `${long("tagged")}, optional: true, headers: { X-Tenant: acme }`,
  unset: `login: { url: "${dead}", body: { u: env:NOT_SET } }, optional: true`,
  whole: `${long("whole")}, ${templates}`,
  streaming: `${long("streaming")}, ${templates}, stream: { text: /delta, done: END }`,
  refused: `login: { url: "${dead}" }`,
  hanging: `${long("hanging")}, ${brief}`,
  broken: long("broken"),
  page: long("page"),
  denied: long("denied"),
} as const;
type Name = keyof typeof providers;
const names = Object.keys(providers) as readonly Name[];
const file = (more = "") => `version: 1
providers:
${names.map((name) => inhouse(name, providers[name])).join("\n")}
  spare: { kind: openai, base_url: "${spare.url}" }
models:
${names.map((name) => `  ${name}: { targets: [${name}/large] }`).join("\n")}
${names.map((name) => `  ${name}-or-spare: { targets: [${name}/large, spare/small] }`).join("\n")}
failover: { default: { retries: 1, backoff: { base: 1ms, max: 1ms } } }
${more}`;

let gateway: Running;
beforeAll(async () => {
  gateway = await startGateway(file(), { env: { LLM_USER: "ops", LLM_PASS: "pa55word-0123456789" } });
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([auth, service, spare].map((server) => server.stop()));
});
beforeEach(() => {
  login = () => issue();
  serve = ({ body }) => answer(body);
});

const ask = (model: string, more: object = {}, signal?: AbortSignal) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify(chat(model, more)),
    ...(signal === undefined ? {} : { signal }),
  });
const loginsOf = (name: Name) => auth.requests.filter(({ path }) => path === `/v1/${name}`);
const callsOf = (name: Name) => service.requests.filter(({ path }) => path.startsWith(`/v1/${name}/`));
const statuses = async (model: string, times: number) =>
  new Set((await Promise.all(Array.from({ length: times }, () => ask(model)))).map(({ status }) => status));
const errorOf = async (response: Response) => {
  const { error } = await response.json();
  return { status: response.status, code: error.code, message: error.message };
};

describe("the token of a login", () => {
  test("is fetched once for 200 requests that come together", async () => {
    const { opened, open } = gate();
    login = async () => {
      await opened;
      return issue();
    };
    const all = statuses("first", 200);
    await until(() => loginsOf("first").length === 1, "a login");
    open();
    expect(await all).toEqual(new Set([200]));
    expect(loginsOf("first").map(({ body }) => body)).toEqual([
      { username: "ops", password: "pa55word-0123456789" },
    ]);
    expect(callsOf("first")).toHaveLength(200);
    expect(callsOf("first")[0]?.body).toMatchObject({ model: "large", messages: [{ content: "Hi" }] });
  });

  test("is fetched once more when it has expired", async () => {
    login = () => issue({ ttl: 0.05 });
    await ask("expiring");
    login = () => issue({ ttl: "3600" });
    await Bun.sleep(51);
    expect(await statuses("expiring", 20)).toEqual(new Set([200]));
    expect(loginsOf("expiring")).toHaveLength(2);
  });

  test("is fetched once more when it was revoked, and no client is told", async () => {
    await ask("revoked");
    for (let round = 2; round <= 4; round++) {
      given.clear();
      const all = await Promise.all(Array.from({ length: 20 }, () => ask("revoked")));
      expect(all.map(({ status, headers }) => [status, headers.get("x-gateway-attempts")])).toEqual(
        Array(20).fill([200, "1"]),
      );
      expect(loginsOf("revoked")).toHaveLength(round);
    }
  });

  test("goes where the file says, beside the file's own headers", async () => {
    serve = () => json(completion("ok"));
    given.add("");
    expect((await ask("session")).status).toBe(200);
    const sent = callsOf("session")[0]?.headers;
    expect([sent?.get("x-session"), sent?.get("authorization")]).toEqual([`tok-${issued}-0123456789`, null]);
    given.delete("");
    await ask("tagged");
    expect(callsOf("tagged")[0]?.headers.get("x-tenant")).toBe("acme");
  });

  test("that is refused although it is fresh is a failure, and no reason to stay away", async () => {
    login = () => json({ token: "never-good-0123456789" });
    expect(await errorOf(await ask("useless"))).toEqual({
      status: 502,
      code: "upstream_credentials",
      message: "Every attempt failed: useless: auth (unknown token)",
    });
    expect([loginsOf("useless").length, callsOf("useless").length]).toEqual([2, 2]);
    expect((await ask("useless-or-spare")).headers.get("x-gateway-provider")).toBe("spare");
    expect([loginsOf("useless").length, callsOf("useless").length]).toEqual([2, 3]);
    given.add("never-good-0123456789");
    expect((await ask("useless")).status).toBe(200);
    given.delete("never-good-0123456789");
  });

  test("is fetched to the end for those who still wait when one has left", async () => {
    const { opened, open } = gate();
    login = async () => {
      await opened;
      return issue();
    };
    const leaving = new AbortController();
    const gone = ask("left", {}, leaving.signal).catch(() => "gone");
    await until(() => loginsOf("left").length === 1, "a login");
    const staying = ask("left");
    leaving.abort();
    expect(await gone).toBe("gone");
    open();
    expect((await staying).status).toBe(200);
    expect([loginsOf("left").length, auth.aborted()]).toEqual([1, 0]);
  });

  test("outlives a reload, unless the login itself has changed", async () => {
    await ask("kept");
    await gateway.write(file("default_model: kept"));
    const served = await ask("kept");
    expect([served.status, served.headers.get("x-gateway-config")?.split("-")[0]]).toEqual([200, "2"]);
    expect(loginsOf("kept")).toHaveLength(1);
    await gateway.write(
      file().replace(`/kept", body: { u: env:LLM_USER,`, `/kept", body: { user: env:LLM_USER,`),
    );
    expect((await ask("kept")).status).toBe(200);
    expect(loginsOf("kept").map(({ body }) => Object.keys(body))).toEqual([
      ["u", "p"],
      ["user", "p"],
    ]);
    await gateway.write(file());
  });
});

describe("a login that gives no token", () => {
  const failures: Readonly<Record<string, readonly [() => Response | Promise<Response>, string, string]>> = {
    refused: [() => issue(), "upstream_error", "network (the login failed: the connection was refused)"],
    hanging: [
      () => new Promise<Response>(() => {}),
      "upstream_error",
      "network (the login is too slow: no answer within the answer timeout)",
    ],
    broken: [
      () => json({ message: "db down" }, 500),
      "upstream_error",
      "server (the login answered 500: db down)",
    ],
    page: [
      () => new Response("<p>Hello"),
      "upstream_error",
      "malformed (the answer of the login is not JSON)",
    ],
    denied: [
      () => json({ message: "wrong pa55word-0123456789" }, 401),
      "upstream_credentials",
      "auth (the login was refused with 401: wrong [secret])",
    ],
  };
  test.each(Object.keys(failures))("is a clear 502 and a failover: %s", async (name) => {
    const [does, code, says] = failures[name] ?? [() => issue(), "", ""];
    login = does;
    const refusal = await errorOf(await ask(name));
    expect([refusal.status, refusal.code]).toEqual([502, code]);
    expect(refusal.message).toStartWith(`Every attempt failed: ${name}: ${says}`);
    const over = await ask(`${name}-or-spare`, { stream: true });
    expect([over.status, over.headers.get("x-gateway-provider")]).toEqual([200, "spare"]);
    expect(await over.text()).toEndWith("data: [DONE]\n\n");
    expect(callsOf(name as Name)).toHaveLength(0);
  });

  test("for want of a secret is not tried at all", async () => {
    const refusal = await errorOf(await ask("unset"));
    expect(refusal).toMatchObject({ status: 503, code: "no_target_available" });
    expect(refusal.message).toContain("env:NOT_SET is not set");
    expect((await ask("unset-or-spare")).headers.get("x-gateway-attempts")).toBe("1");
    const { providers: told } = await (await fetch(`${gateway.url}/health`)).json();
    expect(told.find(({ provider }: { provider: string }) => provider === "unset")).toMatchObject({
      healthy: false,
      reason: "not_configured",
    });
  });
});

describe("a service with words of its own", () => {
  const whole = () => json({ data: { output: "Bonjour" }, u: { in: 7, out: 2 } });
  const streamOf = async (model: string) => {
    const stream = await gateway.client().chat.completions.create({
      ...chat(model),
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
      stream_options: { include_usage: true },
    });
    return Array.fromAsync(stream);
  };

  test("answers in OpenAI's, and is asked in its own", async () => {
    serve = whole;
    const answered = await ask("whole", { max_completion_tokens: 5, temperature: 0.5 });
    expect(await answered.json()).toMatchObject({
      object: "chat.completion",
      choices: [{ message: { role: "assistant", content: "Bonjour" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
    });
    expect(answered.headers.get("x-gateway-warnings")).toBe(
      "temperature dropped: the request template does not mention it",
    );
    expect(callsOf("whole").at(-1)).toMatchObject({
      path: "/v1/whole/run/large",
      body: { input: "Hi", max: 5 },
    });
  });

  test("may answer with 201, as some frameworks do", async () => {
    serve = () => json({ data: { output: "Bonjour" } }, 201);
    expect((await ask("whole")).status).toBe(200);
    serve = () => new Response(null, { status: 204 });
    expect((await errorOf(await ask("whole"))).message).toContain("whole: malformed");
  });

  test("streams to the client what it gave as a whole", async () => {
    serve = whole;
    const chunks = await streamOf("whole");
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? choices[0]?.finish_reason)).toEqual([
      "Bonjour",
      "stop",
      undefined,
    ]);
    expect(chunks.at(-1)?.usage).toEqual({ prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 });
    const call = callsOf("whole").at(-1);
    expect([call?.body, call?.headers.get("accept")]).toEqual([
      { input: "Hi", stream: false },
      "application/json",
    ]);
  });

  test("streams what it streams", async () => {
    serve = () => sse(['{"delta":"Bon"}', '{"delta":"jour","u":{"in":7,"out":2}}', "END"]);
    const chunks = await streamOf("streaming");
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? choices[0]?.finish_reason)).toEqual([
      "Bon",
      "jour",
      "stop",
      undefined,
    ]);
    expect(chunks.at(-1)?.usage).toEqual({ prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 });
    const call = callsOf("streaming").at(-1);
    expect([call?.body, call?.headers.get("accept")]).toEqual([
      { input: "Hi", stream: true },
      "text/event-stream",
    ]);
  });

  test("serves text completions by chat, streamed to those who asked for a stream", async () => {
    serve = whole;
    const complete = (stream: boolean) =>
      gateway.post("/v1/completions", { model: "whole", prompt: "Hi", max_tokens: 5, stream });
    expect(await (await complete(false)).json()).toMatchObject({
      object: "text_completion",
      choices: [{ text: "Bonjour", finish_reason: "stop" }],
    });
    const text = await (await complete(true)).text();
    expect(text).toContain('"text":"Bonjour"');
    expect(text).toEndWith("data: [DONE]\n\n");
    expect(await errorOf(await gateway.post("/v1/embeddings", { model: "whole", input: "x" }))).toMatchObject(
      {
        status: 503,
        code: "no_target_available",
      },
    );
  });

  test.each([
    ["a cut stream", () => sse(['{"delta":"Bon"}'])],
    ["an error in it", () => sse(['{"delta":"Bon"}', '{"error":{"message":"lost"}}'])],
  ])("never looks complete: %s", async (_, does) => {
    serve = does;
    const text = await (await ask("streaming", { stream: true })).text();
    expect(text).toContain('"content":"Bon"');
    expect(text).toContain('data: {"error":');
    expect(text).not.toContain("[DONE]");
  });

  test.each([false, true])("fails over on an error inside a 200 (streamed: %p)", async (stream) => {
    serve = () =>
      (stream ? sse : json)(
        stream ? ['{"error":{"message":"no GPU"}}'] : ({ error: { message: "no GPU" } } as never),
      );
    const over = await ask("streaming-or-spare", { stream });
    expect([over.status, over.headers.get("x-gateway-provider")]).toEqual([200, "spare"]);
    expect(await errorOf(await ask("streaming", { stream }))).toMatchObject({
      status: 502,
      message: expect.stringContaining("streaming: server (no GPU)"),
    });
  });

  test("retries with a fresh token before the stream begins", async () => {
    serve = () => sse(['{"delta":"Bonjour"}', "END"]);
    given.clear();
    expect((await streamOf("streaming")).length).toBeGreaterThan(1);
  });
});
