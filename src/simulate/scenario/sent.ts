import type { EpochMs } from "../../core/units.ts";
import { type Claim, counterOf, isBudget } from "../../domain/limits.ts";
import type { Refusal } from "../../domain/refusal.ts";
import type { ClientKey, Params, Provider, Snapshot } from "../../domain/snapshot.ts";
import type { HeaderFields } from "../../gateway/response/headers.ts";
import type { Ran } from "../run.ts";

/** One request of a case and what became of it. */
export interface Sent {
  readonly snapshot: Snapshot;
  /** The name asked for; null: none. */
  readonly asked: string | null;
  readonly key: ClientKey | null;
  readonly at: EpochMs;
  /** Null: it was refused at the door, before any plan. */
  readonly ran: Ran | null;
  /** Null: it was answered. */
  readonly refusal: Refusal | null;
  /** As it went to the last target that was tried; null: to none. */
  readonly spoken: Spoken | null;
  /** Of the answer; empty unless the case expects any. */
  readonly headers: HeaderFields;
}

/** A request as it goes to a target. */
export interface Spoken {
  /** After defaults, overrides and max. */
  readonly params: Params;
  readonly warnings: readonly string[];
}

/** The status of the answer. */
export const statusOf = ({ refusal }: Sent): number => refusal?.status ?? 200;

/** A refusal in one line: `429 rate_limit_exceeded (…)`. */
export const showRefusal = ({ status, code, message }: Refusal): string =>
  `${status}${code === null ? "" : ` ${code}`} (${message})`;

/** That there is no answer, and why. */
export const nobody = ({ refusal }: Sent): string =>
  refusal === null ? "an answer" : `no answer: ${showRefusal(refusal)}`;

/** The rule without room that refused it; null where no limit did. */
export function refusingClaim({ ran, refusal }: Sent): Claim | null {
  const rule = refusal?.rule ?? null;
  if (ran === null || ran.ok || rule === null) return null;
  const claims = ran.objections.flatMap(({ claim }) => (claim === null ? [] : [claim]));
  return claims.find((claim) => rule.startsWith(`${counterOf(claim)} `)) ?? null;
}

/** Which limit refused it: `rpm`, `tpm`, `rpd`, `tpr`, `concurrency`, `budget`. */
export function limitOf(sent: Sent): string | null {
  const claim = refusingClaim(sent);
  if (claim === null) return null;
  return isBudget(claim.rule) ? "budget" : claim.rule.limit;
}

/** Its attempts in one line: `2 (openai server, anthropic ok)`. */
export function trail({ ran }: Sent): string {
  const tried = ran?.tried ?? [];
  const steps = tried.map(
    ({ decision, failure }) => `${decision.target.provider.name} ${failure?.kind ?? "ok"}`,
  );
  return steps.length === 0 ? "0" : `${steps.length} (${steps.join(", ")})`;
}

/** Where its attempts went, as `openai/gpt-4o`. */
export const used = ({ ran }: Sent): readonly { readonly provider: Provider; readonly target: string }[] =>
  (ran?.tried ?? []).map(({ decision }) => {
    const { provider } = decision.target;
    return { provider, target: `${provider.name}/${decision.upstream}` };
  });

/** A provider with its tags, in words. */
export const bears = ({ name, tags }: Provider): string =>
  tags.length === 0 ? `${name}, which bears no tag` : `${name}, which bears ${tags.join(", ")}`;

/** `chat by openai/gpt-4o`. */
export const servedAs = ({ ran }: Sent): string | null =>
  ran?.ok
    ? `${ran.decision.serving.name} by ${ran.decision.target.provider.name}/${ran.decision.upstream}`
    : null;

/** How it was answered, in words. */
export const showStatus = (sent: Sent): string =>
  sent.refusal === null ? `200 (${servedAs(sent)})` : showRefusal(sent.refusal);
