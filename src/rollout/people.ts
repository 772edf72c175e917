import { err, ok, type Result } from "../core/result.ts";
import type { DurationMs, EpochMs } from "../core/units.ts";
import type { Disableable } from "../domain/route.ts";
import type { Clock } from "../runtime/clock.ts";
import { attemptedOf, type StoredGeneration } from "./generation.ts";
import type { Orders } from "./orders.ts";
import type { Rollout } from "./rollout.ts";

/** Who asks for something, and why. */
export interface Asked {
  readonly who: string;
  readonly reason: string;
}

/** One sentence why the state does not allow it, or the input is wrong. */
export type Refused = { readonly kind: "refused" | "unknown"; readonly says: string };

/** Done, with a sentence about what was done. */
export type Done = Result<string, Refused>;

const refusedBy = (says: string): Done => err({ kind: "refused", says });

/** How far back a rollback looks for something good. */
const mostRemembered = 50;

/** What people may do to what serves. Each is one turn, and is written down with who and why. */
export class People {
  readonly #rollout: Rollout;
  readonly #orders: Orders;
  readonly #clock: Clock;

  constructor(rollout: Rollout, orders: Orders, clock: Clock) {
    this.#rollout = rollout;
    this.#orders = orders;
    this.#clock = clock;
  }

  /** Goes back to what was good before, or to a generation by number. What served until now is quarantined. */
  rollback(asked: Asked, to: number | null): Promise<Done> {
    return this.#turn("rollback", asked, { to }, async () => {
      if (this.#orders.pin !== null)
        return refusedBy(`Generation ${this.#orders.pin.generation} is pinned; unpin it first.`);
      const { deployment } = this.#rollout;
      if (deployment.trial !== null && to === null) {
        const { number } = deployment.trial.generation;
        await deployment.withdraw(asked.who, asked.reason);
        return ok(`The canary of generation ${number} is withdrawn.`);
      }
      const target = to === null ? this.#goodBefore() : this.#rollout.chronicle.recall(to);
      if (target === null)
        return unknown(
          to === null ? "There is no earlier good generation." : `Generation ${to} is not kept.`,
        );
      return this.#goBackTo(target, asked);
    });
  }

  /** Ends a canary as good. */
  promote(asked: Asked): Promise<Done> {
    return this.#turn("promote", asked, {}, async () => {
      const { trial } = this.#rollout.deployment;
      if (trial === null) return refusedBy("There is no canary to promote.");
      await this.#rollout.deployment.promote(asked.reason);
      return ok(`Generation ${trial.generation.number} is active.`);
    });
  }

  /** Keeps one generation serving, whatever the source says; by default the active one. */
  pin(asked: Asked, generation: number | null): Promise<Done> {
    return this.#turn("pin", asked, { generation }, async () => {
      const { deployment, chronicle } = this.#rollout;
      const number = generation ?? deployment.active?.generation.number ?? null;
      if (number === null) return refusedBy("Nothing serves yet.");
      await deployment.dropTrial(`generation ${number} is pinned`);
      if (number !== deployment.active?.generation.number) {
        const row = chronicle.recall(number);
        const snapshot = row === null ? null : deployment.compileAgain(row);
        if (row === null || snapshot === null)
          return unknown(`Generation ${number} is not kept, or does not compile any more.`);
        await deployment.activate(row, snapshot, { reason: asked.reason });
      }
      this.#orders.setPin({ generation: number, at: this.#clock.now(), ...asked });
      return ok(`Generation ${number} is pinned.`);
    });
  }

  /** Lets the source speak again. */
  unpin(asked: Asked): Promise<Done> {
    return this.#turn("unpin", asked, {}, async () => {
      if (this.#orders.pin === null) return refusedBy("Nothing is pinned.");
      this.#orders.setPin(null);
      this.#lookAgain();
      return ok("The pin is gone; the source is looked at.");
    });
  }

  /** Takes nothing from the source for a while; without `forMs` until somebody resumes. */
  suspend(asked: Asked, forMs: DurationMs | null): Promise<Done> {
    return this.#turn("suspend", asked, { for_ms: forMs }, async () => {
      const until = this.#until(forMs);
      this.#orders.suspend({ until, at: this.#clock.now(), ...asked });
      return ok(`Nothing is taken from the source ${untilWords(until)}.`);
    });
  }

  resume(asked: Asked): Promise<Done> {
    return this.#turn("resume", asked, {}, async () => {
      if (this.#orders.suspension(this.#clock.now()) === null) return refusedBy("Nothing is suspended.");
      this.#orders.suspend(null);
      this.#lookAgain();
      return ok("The source is looked at again.");
    });
  }

  /** Looks at the source now. While suspended, or at something quarantined, only by force. */
  async sync(asked: Asked, force: boolean): Promise<Done> {
    if (this.#orders.suspension(this.#clock.now()) !== null && !force) {
      return refusedBy("The source is suspended; resume it, or look once with --force.");
    }
    await this.#rollout.chronicle.audit({
      at: this.#clock.now(),
      who: asked.who,
      action: "sync",
      detail: { ...asked, force },
    });
    await this.#rollout.look({ force });
    const { attempted } = this.#rollout.deployment;
    return ok(
      attempted === null
        ? "The source could not be reached."
        : `The source was looked at: ${attempted.state}.`,
    );
  }

  /** Takes something away at once, without the file. */
  disable(asked: Asked, what: Disableable, forMs: DurationMs | null): Promise<Done> {
    return this.#turn("disable", asked, { ...what, for_ms: forMs }, async () => {
      const now = this.#clock.now();
      const until = this.#until(forMs);
      this.#orders.disable({ what, until, at: now, ...asked }, now);
      return ok(`${what.kind} ${what.name} is disabled ${untilWords(until)}.`);
    });
  }

  /** Gives it back. */
  enable(asked: Asked, what: Disableable): Promise<Done> {
    return this.#turn("enable", asked, { ...what }, async () => {
      if (!this.#orders.enable(what, this.#clock.now()))
        return refusedBy(`${what.kind} ${what.name} is not disabled.`);
      return ok(`${what.kind} ${what.name} is enabled.`);
    });
  }

  async #goBackTo(target: StoredGeneration, { who, reason }: Asked): Promise<Done> {
    const { deployment } = this.#rollout;
    const before = deployment.active;
    if (before?.generation.number === target.number)
      return refusedBy(`Generation ${target.number} is active already.`);
    const snapshot = deployment.compileAgain(target);
    if (snapshot === null)
      return refusedBy(`Generation ${target.number} does not compile with this version.`);
    await deployment.dropTrial(`rolled back to generation ${target.number}`);
    if (before !== null) {
      const { digest } = before.generation.snapshot;
      this.#orders.quarantine({
        digest,
        generation: before.generation.number,
        reason,
        at: this.#clock.now(),
        who,
      });
    }
    this.#orders.liftQuarantine(snapshot.digest);
    await deployment.activate(target, snapshot, { reason, leaving: { state: "quarantined", reason } });
    // The source still says what was taken back.
    if (before !== null) deployment.note({ ...attemptedOf(before.row, "quarantined"), reason });
    return ok(
      `Generation ${target.number} serves again${before === null ? "" : `; ${before.generation.number} is quarantined`}.`,
    );
  }

  /** The one that served everybody most recently and is not quarantined. */
  #goodBefore(): StoredGeneration | null {
    const active = this.#rollout.active?.number;
    const good = this.#rollout.chronicle
      .history(mostRemembered)
      .filter(
        ({ number, isGood, digest }) =>
          number !== active && isGood && digest !== null && this.#orders.quarantineOf(digest) === null,
      );
    return good.toSorted((a, b) => (b.activeAt ?? 0) - (a.activeAt ?? 0))[0] ?? null;
  }

  /** Not awaited: the look takes the turn after this one. */
  #lookAgain(): void {
    this.#rollout.forget();
    void this.#rollout.look();
  }

  #until(forMs: DurationMs | null): EpochMs | null {
    return forMs === null ? null : this.#clock.now() + forMs;
  }

  #turn(
    action: string,
    asked: Asked,
    detail: Readonly<Record<string, unknown>>,
    work: () => Promise<Done>,
  ): Promise<Done> {
    return this.#rollout.turns.take(async () => {
      const done = await work();
      const outcome = done.ok ? "done" : done.error.says;
      const entry = {
        at: this.#clock.now(),
        who: asked.who,
        action,
        detail: { ...detail, reason: asked.reason, outcome },
      };
      await this.#rollout.chronicle.audit(entry);
      return done;
    });
  }
}

const unknown = (says: string): Done => err({ kind: "unknown", says });

const untilWords = (until: EpochMs | null): string =>
  until === null ? "until somebody says otherwise" : `until ${new Date(until).toISOString()}`;
