import type { Clock } from "../../runtime/clock.ts";
import type { Transport } from "../../runtime/transport.ts";
import type { Vault } from "./vault.ts";

/** The world outside. */
export interface World {
  readonly transport: Transport;
  readonly vault: Vault;
  readonly clock: Clock;
}
