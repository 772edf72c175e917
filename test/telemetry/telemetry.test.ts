import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { completion, json, startUpstream, type Upstream } from "../support/upstream.ts";

setDefaultTimeout(20_000);

const traceId = "0af7651916cd43dd8448eb211c80319c";
const caller = "b7ad6b7169203331";
const traceparent = `00-${traceId}-${caller}-01`;

/** A collector on loopback: what was sent to it, by path. */
const received = new Map<string, unknown[]>();
const collector = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: async (request) => {
    const { pathname } = new URL(request.url);
    received.set(pathname, [...(received.get(pathname) ?? []), await request.json()]);
    return Response.json({});
  },
});

let upstream: Upstream;
let fails = 0;
const file = () => `
auth: { keys: [{ id: web, secret: env:KEY }] }
providers:
  openai: { kind: openai, base_url: "${upstream.url}", models: { "*": { price: { input: 1, output: 1 } } } }
models: { m: { targets: [openai/gpt-x] } }
failover: { default: { backoff: { base: 1ms, max: 1ms } } }
`;
const standard = {
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.port}`,
  OTEL_SERVICE_NAME: "gw",
  OTEL_METRIC_EXPORT_INTERVAL: "60000",
};

async function gatewayWith(env: Readonly<Record<string, string>>): Promise<Running> {
  // The official libraries read the environment of the process and no other.
  Object.assign(process.env, env);
  const gateway = await startGateway(file(), { env: { KEY: "k", ...env } });
  for (const name of Object.keys(env)) delete process.env[name];
  return gateway;
}
const ask = (gateway: Running, headers: Record<string, string> = {}) =>
  gateway.post("/v1/chat/completions", chat("m"), { authorization: "Bearer k", ...headers });

beforeAll(() => {
  upstream = startUpstream(() =>
    fails-- > 0 ? new Response("{}", { status: 500 }) : json(completion("hi")),
  );
});
afterAll(async () => {
  await upstream.stop();
  await collector.stop(true);
});

/** Every value of a field, at any depth. */
function valuesOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesOf(item, name));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, held]) => [
    ...(key === name ? [held] : []),
    ...valuesOf(held, name),
  ]);
}

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

test("a request is a span below its caller's, its attempts below it, and the provider is told where it stands", async () => {
  fails = 1;
  const gateway = await gatewayWith(standard);
  expect((await ask(gateway, { traceparent, tracestate: "vendor=1" })).status).toBe(200);
  await gateway.stop();
  await until(() => received.has("/v1/traces"), "the spans at the collector");
  const spans = valuesOf(received.get("/v1/traces"), "spans").flat() as Span[];
  const request = spans.find(({ parentSpanId }) => parentSpanId === caller);
  const attempts = spans.filter(({ parentSpanId }) => parentSpanId === request?.spanId);
  expect(spans.every((span) => span.traceId === traceId)).toBe(true);
  expect([request?.name, request?.kind, attempts.map(({ name }) => name)]).toEqual([
    "chat m",
    2,
    ["chat gpt-x", "chat gpt-x"],
  ]);
  expect(upstream.requests.at(-1)?.headers.get("traceparent")).toBe(`00-${traceId}-${request?.spanId}-01`);
  expect(upstream.requests.at(-1)?.headers.get("tracestate")).toBe("vendor=1");

  const attributes = Object.fromEntries(
    (request?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]),
  );
  expect(attributes).toMatchObject({
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "m",
    "gen_ai.response.model": "gpt-x",
    "gen_ai.provider.name": "openai",
    "switchyard.key": "web",
    "switchyard.outcome": "ok",
  });
  expect(Number(request?.endTimeUnixNano)).toBeGreaterThan(Number(request?.startTimeUnixNano));
  expect(JSON.stringify(received.get("/v1/traces"))).not.toContain("Hi");
  const names = valuesOf(received.get("/v1/metrics"), "name");
  for (const name of ["gen_ai.client.operation.duration", "gen_ai.client.token.usage", "switchyard.cost"])
    expect(names).toContain(name);
});

test("without a caller a trace begins here", async () => {
  received.clear();
  const gateway = await gatewayWith(standard);
  await ask(gateway);
  await gateway.stop();
  const spans = valuesOf(received.get("/v1/traces"), "spans").flat() as Span[];
  const root = spans.find(({ parentSpanId }) => parentSpanId === undefined || parentSpanId === "");
  expect(upstream.requests.at(-1)?.headers.get("traceparent")).toBe(`00-${root?.traceId}-${root?.spanId}-01`);
});

test("a collector that is down costs no request, and does not hold up the end", async () => {
  const gateway = await gatewayWith({
    ...standard,
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
    OTEL_EXPORTER_OTLP_TIMEOUT: "100",
  });
  expect((await ask(gateway)).status).toBe(200);
  await gateway.stop();
});

test("where nobody asks for it, a caller's place is passed on as it is, and nothing is made up", async () => {
  const gateway = await gatewayWith({});
  await ask(gateway, { traceparent });
  expect(upstream.requests.at(-1)?.headers.get("traceparent")).toBe(traceparent);
  await ask(gateway, { traceparent: "nonsense" });
  expect(upstream.requests.at(-1)?.headers.has("traceparent")).toBe(false);
  await gateway.stop();
});
