import { err, ok, type Result } from "../../core/result.ts";
import type { Secret } from "../../core/secret.ts";
import type { DurationMs, EpochMs } from "../../core/units.ts";
import type { Failure } from "../../domain/failure.ts";
import { type Login, loginName } from "../../domain/service.ts";
import type { Grant } from "../../providers/request/grant.ts";
import { Recent } from "../../resilience/recent.ts";
import { logIn } from "./login.ts";
import type { World } from "./world.ts";

/** Who gives out tokens does nothing else, so is soon done. */
const loginMs: DurationMs = 10_000;
/** So long is a login that failed not tried again. */
const pauseMs: DurationMs = 1_000;
/** One that is refused again and again may lock an account: its pauses double up to this. */
const longestPauseMs: DurationMs = 30_000;
/** The last part of a token's life, in which it is renewed while it still serves. */
const lastPart = 0.1;
const longestLastPartMs: DurationMs = 300_000;
/** Logins remembered; more than any file has. */
const capacity = 1_024;

interface Held {
  readonly token: Secret;
  readonly renewAt: EpochMs;
  readonly endsAt: EpochMs;
}

/** One login: what it gave, what is under way, and why it is not to be tried. */
interface Entry {
  held: Held | null;
  flight: Promise<Result<Secret, Failure>> | null;
  failed: { readonly failure: Failure; readonly until: EpochMs; readonly inARow: number } | null;
  /** Until then the service is believed when it refuses the token that is held, which was fresh when it did so before. */
  believedUntil: EpochMs;
}

/**
 * The tokens of private services. Kept by what they were fetched with, so that a reload keeps them; fetched by one login,
 * however many wait for it.
 */
export class Logins {
  readonly #world: World;
  readonly #longestMs: DurationMs;
  readonly #entries = new Recent<Entry>(capacity);
  readonly #known = new WeakMap<Login, Entry>();

  /** A login that takes longer than `longestMs` has failed. */
  constructor(world: World, longestMs: DurationMs = loginMs) {
    this.#world = world;
    this.#longestMs = longestMs;
  }

  /** A token that serves: the one that is held, or a fresh one. `connectMs` bounds the connection of a login begun by this call. */
  async token(login: Login, connectMs: DurationMs): Promise<Result<Secret, Failure>> {
    const entry = this.#entryOf(login);
    const { held } = entry;
    const now = this.#world.clock.now();
    if (held === null || now >= held.endsAt) return this.#fetch(entry, login, connectMs);
    if (now >= held.renewAt) void this.#fetch(entry, login, connectMs);
    return ok(held.token);
  }

  /** Another token than the one that the service refused; the same where a fresh one would fare no better. */
  async renewed(login: Login, refused: Secret, connectMs: DurationMs): Promise<Result<Secret, Failure>> {
    const entry = this.#entryOf(login);
    if (entry.held?.token === refused && this.#world.clock.now() >= entry.believedUntil) entry.held = null;
    return this.token(login, connectMs);
  }

  /** The service refused a token just fetched: for a while it makes no sense to fetch another. */
  refusedFresh(login: Login, token: Secret): void {
    const entry = this.#entryOf(login);
    if (entry.held?.token === token) entry.believedUntil = this.#world.clock.now() + pauseMs;
  }

  #entryOf(login: Login): Entry {
    const known = this.#known.get(login);
    if (known !== undefined) return known;
    const name = loginName(login);
    const entry = this.#entries.get(name) ?? { held: null, flight: null, failed: null, believedUntil: 0 };
    this.#entries.set(name, entry);
    this.#known.set(login, entry);
    return entry;
  }

  #fetch(entry: Entry, login: Login, connectMs: DurationMs): Promise<Result<Secret, Failure>> {
    const { failed } = entry;
    if (failed !== null && this.#world.clock.now() < failed.until)
      return Promise.resolve(err(failed.failure));
    entry.flight ??= this.#fly(entry, login, connectMs).finally(() => {
      entry.flight = null;
    });
    return entry.flight;
  }

  async #fly(entry: Entry, login: Login, connectMs: DurationMs): Promise<Result<Secret, Failure>> {
    const begunAt = this.#world.clock.now();
    const granted = await logIn(this.#world, login, { connectMs, longestMs: this.#longestMs });
    if (granted.ok) {
      entry.failed = null;
      entry.held = heldFrom(granted.value, begunAt);
      return ok(granted.value.token);
    }
    const inARow = (entry.failed?.inARow ?? 0) + 1;
    const until = this.#world.clock.now() + pauseAfter(granted.error, inARow);
    entry.failed = { failure: granted.error, until, inARow };
    return granted;
  }
}

/** Counted from before the login: its answer may have been long on the way. */
const heldFrom = ({ token, livesMs }: Grant, begunAt: EpochMs): Held => ({
  token,
  renewAt: begunAt + livesMs - Math.min(livesMs * lastPart, longestLastPartMs),
  endsAt: begunAt + livesMs,
});

const pauseAfter = ({ kind }: Failure, inARow: number): DurationMs =>
  kind === "auth" ? Math.min(longestPauseMs, pauseMs * 2 ** (inARow - 1)) : pauseMs;
