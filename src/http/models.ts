import { Elysia } from "elysia";
import { refuse } from "../domain/refusal.ts";
import type { ClientKey } from "../domain/snapshot.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { Live } from "../gateway/live.ts";
import { authenticate, permit } from "../gateway/request/auth.ts";
import { commonHeaders } from "../gateway/response/headers.ts";
import { refusalResponse } from "../gateway/response/respond.ts";
import { type Listed, listed, one } from "../routing/listing.ts";
import { arrivalOf } from "./door.ts";

/** When the names were made, as far as OpenAI's shape wants to know: the start of this process. */
const created = Math.floor(performance.timeOrigin / 1_000);

/** GET /v1/models, /v1/models/{id}, /models: the names that the caller may ask for. */
export function models(gateway: Gateway) {
  const list = (live: Live, key: ClientKey | null, now: number) => ({
    object: "list",
    data: listed(live.snapshot, key, now).map(shape),
  });
  const all = ({ request }: { readonly request: Request }) => answer(gateway, request, list);
  const single = ({
    request,
    params,
  }: {
    readonly request: Request;
    readonly params: { readonly "*": string };
  }) => {
    const id = decoded(params["*"]);
    return answer(gateway, request, (live, key, now) => {
      const found = one(live.snapshot, key, id, now);
      return found === null ? null : shape(found);
    });
  };
  return new Elysia({ name: "models" })
    .get("/v1/models", all)
    .get("/models", all)
    .get("/v1/models/*", single);
}

function answer(
  { pointer, wire }: Gateway,
  request: Request,
  body: (live: Live, key: ClientKey | null, now: number) => object | null,
): Response {
  const arrival = arrivalOf(request);
  const live = pointer.current();
  const headers = commonHeaders(arrival, live);
  const known = authenticate(live.keyring, request.headers, arrival.at);
  if (!known.ok) return refusalResponse(known.error, headers);
  const role = permit(known.value, ["client", "admin"]);
  if (!role.ok) return refusalResponse(role.error, headers);
  const found = body(live, known.value, wire.clock.now());
  if (found === null) {
    const message = "The model does not exist, or the key may not use it. GET /v1/models lists those it may.";
    return refusalResponse(refuse("model_not_found", message, { param: "model" }), headers);
  }
  headers["content-type"] = "application/json";
  return new Response(JSON.stringify(found), { headers });
}

const shape = ({ id, ownedBy }: Listed) => ({ id, object: "model", created, owned_by: ownedBy });

/** Elysia hands wildcards over as they stand in the address. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
