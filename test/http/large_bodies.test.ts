import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chat, type Running, startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { flood, rawRequest, sendRaw } from "./raw.ts";

setDefaultTimeout(20_000);

let gateway: Running;

beforeAll(async () => {
  gateway = await startGateway(
    `auth: { keys: [{ id: one, secret: env:ONE }] }
providers: { s: { kind: simulated } }
models: { chat: { targets: [s/x] } }`,
    { env: { ONE: "key-one" } },
  );
});

afterAll(() => gateway.stop());

const path = "/v1/chat/completions";
const send = (body: string) => gateway.post(path, body, { authorization: "Bearer key-one" });

describe("a body that is too large", () => {
  const tooLarge = (body: string) =>
    expect(JSON.parse(body).error).toMatchObject({
      code: "body_too_large",
      type: "invalid_request_error",
      param: null,
    });

  test.each([33_554_433, 41_943_040, 1_073_741_824, 9_007_199_254_740_991])(
    "of %d bytes is refused before it is sent",
    async (length) => {
      const head = [
        "Host: localhost",
        "Authorization: Bearer key-one",
        "Content-Type: application/json",
        `Content-Length: ${length}`,
      ];
      const answer = await sendRaw(gateway.server.port, `${rawRequest(`POST ${path}`, head)}{`);
      expect(answer.status).toBe(413);
      tooLarge(answer.body);
    },
  );

  test.each([true, false])("of 40 MiB is refused, chunked: %p", async (chunked) => {
    const head = ["Host: localhost", "Authorization: Bearer key-one", "Content-Type: application/json"];
    const answer = await flood(gateway.server.port, `POST ${path}`, head, { mebibytes: 40, chunked });
    expect(answer.status).toBe(413);
    tooLarge(answer.body);
  });

  test("of 40 MiB costs a stranger nothing: the key is looked at first", async () => {
    const answer = await flood(gateway.server.port, `POST ${path}`, ["Host: localhost"], {
      mebibytes: 40,
      chunked: true,
    });
    expect(answer.status).toBe(401);
  });

  test("of just 32 MiB is read", async () => {
    const body = JSON.stringify({ ...chat("chat"), pad: "" });
    const padded = body.replace('"pad":""', `"pad":"${"x".repeat(32 * 1_048_576 - body.length)}"`);
    expect((await send(padded)).status).toBe(200);
    expect((await send(`${padded} `)).status).toBe(413);
  });
});

test("nothing is left under way", async () => {
  await until(
    async () => (await (await fetch(`${gateway.url}/health`)).json()).in_flight === 0,
    "nothing in flight",
  );
});
