import { Elysia } from "elysia";
import { err, ok, type Result } from "../core/result.ts";
import { type Refusal, refuse } from "../domain/refusal.ts";
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
  const list: Body = ({ snapshot }, key, now) =>
    ok({ object: "list", data: listed(snapshot, key, now).map(shape) });
  const all = ({ request }: { readonly request: Request }) => answer(gateway, request, list);
  const single = ({
    request,
    params,
  }: {
    readonly request: Request;
    readonly params: { readonly "*": string };
  }) => {
    const id = decoded(params["*"]);
    return answer(gateway, request, ({ snapshot }, key, now) => {
      const found = one(snapshot, key, id, now);
      if (found !== null) return ok(shape(found));
      const tested = testedBy(params["*"]);
      return err(tested !== null && one(snapshot, key, tested, now) !== null ? onlyPosted : unknown);
    });
  };
  return new Elysia({ name: "models" })
    .get("/v1/models", all)
    .get("/models", all)
    .get("/v1/models/*", single);
}

type Body = (live: Live, key: ClientKey | null, now: number) => Result<object, Refusal>;

function answer({ pointer, wire, state }: Gateway, request: Request, body: Body): Response {
  const arrival = arrivalOf(request);
  const live = pointer.current();
  const headers = commonHeaders(arrival, live);
  const known = authenticate(state, live.keyring, request.headers, arrival.at);
  if (!known.ok) return refusalResponse(known.error, headers);
  const role = permit(known.value, ["client", "admin"]);
  if (!role.ok) return refusalResponse(role.error, headers);
  const found = body(live, known.value, wire.clock.now());
  if (!found.ok) {
    if (found.error === onlyPosted) headers["allow"] = "POST";
    return refusalResponse(found.error, headers);
  }
  headers["content-type"] = "application/json";
  return new Response(JSON.stringify(found.value), { headers });
}

const unknown = refuse(
  "model_not_found",
  "The model does not exist, or the key may not use it. GET /v1/models lists those it may.",
  { param: "model" },
);

const onlyPosted = refuse("method_not_allowed", "A test of a model takes POST.");

const shape = ({ id, ownedBy }: Listed) => ({ id, object: "model", created, owned_by: ownedBy });

/** What follows a model's name, which may hold slashes itself, where a test of it is asked for. */
const testSuffix = "/test";

/** The model whose test the rest of an address below /v1/models/ names; null when it names none. */
export const testedBy = (rest: string): string | null =>
  rest.endsWith(testSuffix) ? decoded(rest.slice(0, -testSuffix.length)) : null;

/** Elysia hands wildcards over as they stand in the address. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
