import type { Logins } from "./logins.ts";
import type { World } from "./world.ts";

/** What an attempt needs: the world, and the tokens that it gave. */
export interface Wire extends World {
  readonly logins: Logins;
}
