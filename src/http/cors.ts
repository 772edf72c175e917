/** What browsers may read of an answer: all that we add to it. The SDKs obey three of them. */
const exposed = [
  "x-request-id",
  ...["config", "provider", "model", "attempts", "fallback", "warnings"].map((name) => `x-gateway-${name}`),
  ...["limit", "remaining", "reset"].flatMap((name) =>
    ["requests", "tokens"].map((unit) => `x-ratelimit-${name}-${unit}`),
  ),
  ...["retry-after", "retry-after-ms", "x-should-retry"],
  ...["server-timing", "deprecation", "sunset"],
].join(", ");

/** Lets the listed origins, and no other, call from a browser. Without a list, and for administrators, there is no CORS. */
export function cors(
  request: Request,
  origins: readonly string[],
  handle: (request: Request) => Response | Promise<Response>,
): Response | Promise<Response> {
  const origin = origins.length === 0 ? null : request.headers.get("origin");
  if (origin === null || !origins.includes(origin) || isForAdmins(request)) return handle(request);
  if (request.method === "OPTIONS" && request.headers.has("access-control-request-method")) {
    const headers = {
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers":
        request.headers.get("access-control-request-headers") ?? "authorization, content-type",
      "access-control-max-age": "600",
    };
    return allowed(new Response(null, { status: 204, headers }), origin);
  }
  return Promise.resolve(handle(request)).then((response) => allowed(response, origin));
}

const isForAdmins = ({ url }: Request): boolean => /^\/admin(\/|$)/.test(new URL(url).pathname);

function allowed(response: Response, origin: string): Response {
  response.headers.set("access-control-allow-origin", origin);
  response.headers.set("access-control-expose-headers", exposed);
  response.headers.append("vary", "origin");
  return response;
}
