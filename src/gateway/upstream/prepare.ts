import type { Secret } from "../../core/secret.ts";
import { type Failure, failure } from "../../domain/failure.ts";
import type { Try } from "../../domain/route.ts";
import type { Ask } from "../request/ask.ts";
import type { Call } from "./exchange.ts";
import { translate, unsent } from "./translate.ts";
import type { Wire } from "./wire.ts";

/** A call ready to be sent, with what was changed on the way; or why there is none. */
export type Prepared =
  | { readonly ok: true; readonly call: Call; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly failure: Failure };

/** Puts a request into the words of the target's provider, with the credential that the plan chose. */
export function prepare(wire: Wire, decision: Try, ask: Ask): Prepared {
  const credential = credentialOf(wire, decision);
  if (credential === "gone") return unsent(failure("auth", "the API key is no longer there"));
  const { params, stream, includeUsage } = ask;
  const saying = { endpoint: ask.route.endpoint, params, stream, includeUsage };
  const translated = translate(decision, saying, wire.clock.now());
  if (!translated.ok) return translated;
  const { adapter, upstream, encoded, warnings } = translated;
  const original = { text: ask.text, body: ask.body };
  return {
    ok: true,
    call: { decision, adapter, upstream, encoded, credential, trace: ask.trace, original },
    warnings,
  };
}

function credentialOf({ vault, clock }: Wire, { member }: Try): Secret | null | "gone" {
  if (member === null) return null;
  const looked = vault.look(member.ref, clock.now());
  return looked.kind === "set" ? looked.secret : "gone";
}
