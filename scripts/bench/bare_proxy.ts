/** The least that a proxy on Bun can be: what the runtime costs before a gateway does anything. Prints its port. */
const upstream = process.argv[2] ?? "";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 120,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const body = request.method === "POST" ? await request.arrayBuffer() : null;
    const answer = await fetch(`${upstream}${pathname}`, {
      method: request.method,
      headers: { "content-type": "application/json" },
      body,
      signal: request.signal,
    });
    const type = answer.headers.get("content-type") ?? "application/json";
    return new Response(answer.body, { status: answer.status, headers: { "content-type": type } });
  },
});
console.log(server.port);
