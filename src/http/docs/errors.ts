import { refusals } from "../../domain/refusal.ts";
import { type Fields, json, ref } from "./words.ts";

/** When each of our own codes is given. */
const when: Readonly<Record<keyof typeof refusals, string>> = {
  invalid_json: "the body is not JSON",
  invalid_request: "something that the gateway itself reads has the wrong shape; `param` names it",
  invalid_api_key: "the key is missing, unknown, expired or disabled",
  model_not_allowed: "the key may not use the model",
  role_not_allowed: "the key's role may not do this",
  model_not_found: "the file has no such model, or no provider has it",
  not_found: "there is nothing at this address",
  method_not_allowed: "the address takes another method; `Allow` names it",
  refused_by_state:
    "what serves, or what people have ordered, does not allow it; the message says what stands in its way",
  model_deprecated: "the model's last day is over",
  body_too_large: "the body is larger than `http.max_body`",
  rate_limit_exceeded:
    "a limit has no room: the message says whose, which, and its line in routes.yaml; `retry-after` says when",
  budget_exceeded: "a budget is spent until its period ends",
  cancelled: "the client left (in logs only)",
  internal_error: "a bug of the gateway; its log has it under the request's id",
  upstream_error: "every attempt failed; the message lists them",
  upstream_credentials: "the providers refused the gateway's own keys",
  no_target_available: "no target can serve the model now, for another reason than limits",
  draining: "the gateway is shutting down",
  upstream_timeout: "every attempt timed out",
};

/** One response for each status, telling the codes that it may bear. */
export const errors: Fields = Object.fromEntries(
  [...new Set(Object.values(refusals).map(({ status }) => status))].map((status) => [
    status,
    responseOf(status),
  ]),
);

function responseOf(status: number): Fields {
  const codes = (Object.keys(refusals) as (keyof typeof refusals)[]).filter(
    (code) => refusals[code].status === status,
  );
  const [first] = codes;
  const type = first === undefined ? "api_error" : refusals[first].type;
  const example = {
    error: { message: "What was found, and what would be right.", type, code: first ?? null, param: null },
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${when[code]}`).join("; "),
    ...json(ref("Error"), example),
  };
}
