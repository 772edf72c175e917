import type { Diagnostic } from "../../config/diagnostic.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { type Refusal, refuse } from "../../domain/refusal.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import type { Live } from "../../gateway/live.ts";
import { authenticate, bearerOf, permit } from "../../gateway/request/auth.ts";
import { commonHeaders, type HeaderFields } from "../../gateway/response/headers.ts";
import { refusalResponse } from "../../gateway/response/respond.ts";
import { arrivalOf } from "../door.ts";

/** Who may use the admin API, and by which names it is called. */
export interface AdminFacts {
  /** Whether the setting ADMIN_KEY is there. */
  readonly hasKey: boolean;
  /** Whether a token is the setting ADMIN_KEY, compared in constant time. */
  readonly isKey: (token: string) => boolean;
  /** Whether a host name or address, without its port and in lower case, is one that the admin API answers to. */
  readonly isOwnHost: (host: string) => boolean;
}

/**
 * What one route of the admin API answers: an object for JSON, or several, one after the other. `who` asks: the id of a
 * key, or the setting ADMIN_KEY.
 */
export type AdminAnswer = (
  request: Request,
  live: Live,
  who: string,
) => Promise<Result<object | Lines, AdminRefusal>>;

/** A refusal, with what was found wrong where it is about routing files. */
export interface AdminRefusal extends Refusal {
  readonly diagnostics?: readonly Diagnostic[];
}

/** Long work: told line by line as JSON, the result last. Whoever stops reading stops the work. */
export class Lines {
  readonly body: ReadableStream<Uint8Array>;

  constructor(work: (tell: (line: object) => void, signal: AbortSignal) => Promise<void>) {
    const leaving = new AbortController();
    const text = new TextEncoder();
    this.body = new ReadableStream({
      start: (out) => {
        const tell = (line: object): void => {
          if (!leaving.signal.aborted) out.enqueue(text.encode(`${JSON.stringify(line)}\n`));
        };
        const close = (): void => {
          if (!leaving.signal.aborted) out.close();
        };
        // Not awaited: a stream whose start is pending is not read.
        void work(tell, leaving.signal).then(close, (error: unknown) => out.error(error));
      },
      cancel: () => leaving.abort(),
    });
  }
}

/**
 * The guard of everything below /admin/api/: called by its own name, from no foreign page, by ADMIN_KEY or a key of role
 * admin. What it lets in is answered as JSON that nobody keeps.
 */
export async function guarded(
  gateway: Gateway,
  admin: AdminFacts,
  request: Request,
  answer: AdminAnswer,
): Promise<Response> {
  const live = gateway.pointer.current();
  const arrival = arrivalOf(request);
  const headers = commonHeaders(arrival, live);
  const admitted = admit(gateway, admin, live, request);
  const answered = admitted.ok ? await answer(request, live, admitted.value) : admitted;
  if (!answered.ok) return refused(answered.error, headers);
  const { value } = answered;
  const isLong = value instanceof Lines;
  if (isLong) arrival.patient();
  headers["content-type"] = isLong ? "application/x-ndjson" : "application/json";
  headers["cache-control"] = "no-store";
  return new Response(isLong ? value.body : JSON.stringify(value), { headers });
}

function refused({ diagnostics, ...refusal }: AdminRefusal, headers: HeaderFields): Response {
  return refusalResponse(refusal, headers, diagnostics === undefined ? {} : { diagnostics });
}

/** Why a request gets nothing at all, whatever key it brings: it comes from elsewhere, or no key opens anything. */
export function turnedAway(admin: AdminFacts, { snapshot }: Live, request: Request): Refusal | null {
  const foreign = foreignBecause(admin, request.headers);
  if (foreign !== null) return refuse("role_not_allowed", foreign);
  const hasAdmins = snapshot.auth.keys.some(({ role }) => role === "admin");
  return admin.hasKey || hasAdmins ? null : refuse("role_not_allowed", nobodyMay);
}

function admit({ state }: Gateway, admin: AdminFacts, live: Live, request: Request): Result<string, Refusal> {
  const refusal = turnedAway(admin, live, request);
  if (refusal !== null) return err(refusal);
  const token = bearerOf(request.headers);
  if (token !== null && admin.isKey(token)) return ok("ADMIN_KEY");
  const { keyring } = live;
  if (keyring.open) return err(refuse("invalid_api_key", wantsKey));
  const known = authenticate(state, keyring, request.headers, arrivalOf(request).at);
  if (!known.ok) return known;
  const permitted = permit(known.value, ["admin"]);
  return permitted.ok ? ok(known.value?.id ?? "") : permitted;
}

/** A page of another origin must not reach this API through an administrator's browser, whatever name it is given in DNS. */
function foreignBecause({ isOwnHost }: AdminFacts, headers: Headers): string | null {
  const host = headers.get("host") ?? "";
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  if (!isOwnHost(name.toLowerCase()))
    return "The admin API does not answer to this Host name. The setting ALLOWED_HOSTS lists further ones.";
  const origin = headers.get("origin");
  return origin === null || isSameHost(origin, host)
    ? null
    : "The admin API takes no requests from pages of another origin.";
}

/** Behind a proxy that speaks TLS, the scheme is the page's and not ours; a default port may be said or not. */
function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  const own = `${page.protocol}//${host}`;
  return page.host !== "" && URL.canParse(own) && new URL(own).host === page.host;
}

const nobodyMay = "Nobody may use the admin API: set ADMIN_KEY, or give a key of routes.yaml the role admin.";
const wantsKey = 'The admin API needs ADMIN_KEY, sent as "Authorization: Bearer …".';
