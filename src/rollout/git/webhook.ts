import { createHmac, timingSafeEqual } from "node:crypto";
import { isRecord } from "../../core/record.ts";
import type { Secret } from "../../core/secret.ts";
import { isSame } from "../../gateway/request/auth.ts";

/** A delivery as it came. */
export interface Delivery {
  readonly headers: Headers;
  /** The raw body: it is what is signed. */
  readonly body: Uint8Array;
}

/** What a delivery is worth: a look now, nothing (it was here before, or is about another ref), or a refusal. */
export type Verdict = "look" | "known" | "elsewhere" | "refused";

/** Deliveries that were taken, by what cannot be changed without the secret. The oldest are forgotten. */
export class Deliveries {
  readonly #most: number;
  readonly #known = new Set<string>();

  constructor(most = 1_000) {
    this.#most = most;
  }

  /** Whether a delivery is new; it is known from then on. */
  take(id: string): boolean {
    if (this.#known.has(id)) return false;
    this.#known.add(id);
    for (const oldest of this.#known) {
      if (this.#known.size <= this.#most) break;
      this.#known.delete(oldest);
    }
    return true;
  }
}

/**
 * Checks a push webhook of GitHub or Gitea (HMAC-SHA256 of the body: `X-Hub-Signature-256`, `X-Gitea-Signature`) or of
 * GitLab (`X-Gitlab-Token`). `ref` is what is followed, in full; a push to another one is worth no look.
 */
export function verdictOn(
  { headers, body }: Delivery,
  secret: Secret,
  ref: string,
  deliveries: Deliveries,
): Verdict {
  const id = signedBy(headers, body, secret) ?? tokenOf(headers, body, secret);
  if (id === null) return "refused";
  if (!deliveries.take(id)) return "known";
  const pushed = refIn(body);
  return pushed === null || pushed === ref ? "look" : "elsewhere";
}

/** The delivery's signature, which no replay can change, when it is right. The id beside it is not signed. */
function signedBy(headers: Headers, body: Uint8Array, secret: Secret): string | null {
  const hub = /^sha256=([0-9a-f]{64})$/i.exec(headers.get("x-hub-signature-256") ?? "")?.[1];
  const given = hub ?? /^[0-9a-f]{64}$/i.exec(headers.get("x-gitea-signature") ?? "")?.[0];
  if (given === undefined) return null;
  const right = createHmac("sha256", secret.reveal()).update(body).digest();
  return timingSafeEqual(right, Buffer.from(given, "hex")) ? right.toString("hex") : null;
}

/** GitLab sends the secret itself and signs nothing: whoever can change the delivery's id knows the secret. */
function tokenOf(headers: Headers, body: Uint8Array, secret: Secret): string | null {
  const token = headers.get("x-gitlab-token");
  if (token === null || !isSame(token, secret.reveal())) return null;
  const id = headers.get("x-gitlab-event-uuid") ?? headers.get("idempotency-key");
  return id?.slice(0, 200) ?? createHmac("sha256", "body").update(body).digest("hex");
}

/** The ref that was pushed to; null where the body does not say in JSON. */
function refIn(body: Uint8Array): string | null {
  try {
    const said: unknown = JSON.parse(new TextDecoder().decode(body));
    return isRecord(said) && typeof said["ref"] === "string" ? said["ref"] : null;
  } catch {
    return null;
  }
}
