import { Elysia } from "elysia";
import { type Endpoint, endpoints } from "../domain/endpoint.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { serve } from "../gateway/serve.ts";
import { arrivalOf } from "./door.ts";

/** The three kinds of work. The body stays unread until we read it: our own bounds and checks, one parse. */
export function completions(gateway: Gateway) {
  const handle =
    (endpoint: Endpoint) =>
    ({ request }: { readonly request: Request }) =>
      serve(gateway, endpoint, arrivalOf(request));
  const app = new Elysia({ name: "completions" });
  for (const [endpoint, { path }] of Object.entries(endpoints) as readonly [
    Endpoint,
    { readonly path: string },
  ][]) {
    app.post(`/v1${path}`, handle(endpoint), { parse: "none" });
  }
  return app;
}
