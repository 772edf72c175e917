import { Elysia } from "elysia";
import type { Secret } from "../core/secret.ts";
import { refuse } from "../domain/refusal.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { readBytes } from "../gateway/request/body.ts";
import { commonHeaders } from "../gateway/response/headers.ts";
import { refusalResponse } from "../gateway/response/respond.ts";
import { Deliveries, verdictOn } from "../rollout/git/webhook.ts";
import { arrivalOf } from "./door.ts";

/** What webhooks are about. */
export interface HookFacts {
  /** The setting GIT_SYNC_WEBHOOK_SECRET; null where no repository is followed, or no webhook is wanted. */
  readonly secret: Secret | null;
  /** What is followed, such as `refs/heads/main`. */
  readonly ref: string;
  /** Looks at the repository now. */
  readonly look: () => void;
}

/** More than any forge says of a push that people made. */
const maxBytes = 8 * 1024 * 1024;

/** POST /hooks/git: a forge tells of a push. It is only a hint to look now; what is found is found by fetching. */
export function hooks({ gateway, hooks: facts }: { readonly gateway: Gateway; readonly hooks: HookFacts }) {
  const deliveries = new Deliveries();
  const handle = async ({ request }: { readonly request: Request }): Promise<Response> => {
    const headers = commonHeaders(arrivalOf(request), gateway.pointer.current());
    const { secret, ref, look } = facts;
    if (secret === null) return refusalResponse(refuse("invalid_api_key", unwanted), headers);
    const body = await readBytes(request, maxBytes);
    if (body === null)
      return refusalResponse(refuse("body_too_large", `The body is larger than ${maxBytes} bytes.`), headers);
    const verdict = verdictOn({ headers: request.headers, body }, secret, ref, deliveries);
    if (verdict === "refused") return refusalResponse(refuse("invalid_api_key", unsigned), headers);
    if (verdict === "look") look();
    headers["content-type"] = "application/json";
    return new Response(JSON.stringify({ accepted: true, looks: verdict === "look" }), {
      status: 202,
      headers,
    });
  };
  return new Elysia({ name: "hooks" }).post("/hooks/git", handle, { parse: "none" });
}

const unwanted =
  "No webhook is taken: GIT_SYNC_WEBHOOK_SECRET is not set, or no repository is followed (GIT_SYNC_REPO).";
const unsigned =
  "The delivery bears no right X-Hub-Signature-256, X-Gitea-Signature or X-Gitlab-Token for GIT_SYNC_WEBHOOK_SECRET.";
