import type { Share } from "../core/units.ts";
import type { Lessons } from "../limits/learn.ts";
import type { Ledger } from "../limits/ledger.ts";
import type { Health } from "../resilience/health.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Transport } from "../runtime/transport.ts";
import { Books } from "./books.ts";
import { type Gateway, type Interaction, Traffic } from "./gateway.ts";
import type { Pointer } from "./live.ts";
import { fingerprintOf, type Overrides, stateOf } from "./state.ts";
import { Logins } from "./upstream/logins.ts";
import type { Vault } from "./upstream/vault.ts";

/** What a gateway is made of, whether it listens or answers one command. */
export interface Parts {
  readonly pointer: Pointer;
  readonly vault: Vault;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly health: Health;
  readonly lessons: Lessons;
  /** The most requests at a time. */
  readonly most: number;
  /** What people took away by hand; nothing, where nobody can. */
  readonly overrides?: Overrides;
  readonly onEnd: Gateway["onEnd"];
  readonly beginSpan?: Gateway["beginSpan"];
  readonly onInteraction: (interaction: Interaction) => void;
  /** Where chance comes from; default Math.random. */
  readonly chance?: () => Share;
}

/** Joins the parts. */
export function assemble(parts: Parts): Gateway {
  const { pointer, vault, transport, clock, ledger, health, lessons, onEnd, onInteraction } = parts;
  const fingerprint = fingerprintOf(vault);
  return {
    pointer,
    wire: { transport, vault, clock, logins: new Logins({ transport, vault, clock }) },
    ledger,
    books: new Books(ledger, health, lessons, ({ member }) => fingerprint(member, clock.now())),
    state: stateOf({ ledger, health, lessons, vault, overrides: parts.overrides ?? (() => null) }, clock),
    onEnd,
    beginSpan: parts.beginSpan,
    onInteraction,
    traffic: new Traffic(parts.most),
    chance: parts.chance ?? Math.random,
  };
}
