import { chunks, completion, json, type Received, sse } from "../support/upstream.ts";

/** What it was told in confidence, as a careless provider repeats it. */
export const told = ({ headers }: Received): string =>
  ["authorization", "x-own-key", "x-tenant"].flatMap((name) => headers.get(name) ?? []).join(" and ");

const words = chunks("one two three");
/** The ways to repeat it, by the name of the upstream model. */
export const behaviours: Readonly<Record<string, (request: Received) => Response>> = {
  success: (request) =>
    request.body["stream"] === true
      ? sse([...chunks(told(request)), "[DONE]"])
      : json(completion(told(request))),
  s400: (request) =>
    json(
      {
        error: {
          message: `no: ${told(request)}`,
          code: told(request),
          type: told(request),
          param: told(request),
        },
      },
      400,
    ),
  s401: (request) => json({ error: { message: `Incorrect API key provided: ${told(request)}` } }, 401),
  s500: (request) => json({ error: { message: told(request) } }, 500),
  plain: (request) =>
    new Response(`<html><title>Bad: ${told(request)}</title></html>`, {
      status: 502,
      headers: { "content-type": "text/html" },
    }),
  cut: (request) => json({ error: { message: `${"x".repeat(965)}${told(request)}` } }, 500),
  s429: (request) =>
    json({ error: { message: told(request) } }, 429, {
      "retry-after": told(request),
      "x-debug": told(request),
    }),
  inBand: (request) => json({ error: { message: told(request), code: told(request) } }),
  cutInBand: (request) => json({ error: { message: `${"x".repeat(965)}${told(request)}` } }),
  early: (request) => sse([JSON.stringify({ error: { message: told(request), code: told(request) } })]),
  late: (request) =>
    sse([
      ...words.slice(0, 3),
      JSON.stringify({ error: { message: told(request), code: told(request), param: told(request) } }),
    ]),
  notJson: (request) => new Response(told(request), { headers: { "content-type": "application/json" } }),
  redirect: (request) =>
    new Response(null, {
      status: 302,
      headers: { location: `http://127.0.0.1:1/${encodeURIComponent(told(request))}` },
    }),
};
