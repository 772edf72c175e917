import { ok } from "../core/result.ts";
import type { DurationMs, EpochMs } from "../core/units.ts";
import type { Disableable } from "../domain/route.ts";
import type { Clock } from "../runtime/clock.ts";
import type { AuditEntry } from "./audit.ts";
import type { Attempted } from "./generation.ts";
import { type Asked, type Done, goBackTo, goodBefore, keep, refusedBy, unknown } from "./moves.ts";
import type { Orders } from "./orders.ts";
import type { Rollout } from "./rollout.ts";
import type { Source } from "./source.ts";

/** What people are heard with. */
export interface PeopleFacts {
  readonly rollout: Rollout;
  readonly orders: Orders;
  readonly source: Pick<Source, "sync">;
  readonly clock: Clock;
  /** Told of everything that somebody asked for, whether or not it was done. */
  readonly tell: (entry: AuditEntry) => void;
}

/**
 * What people may do to what serves, each written down with who and why. What changes generations takes a turn; what
 * takes something away, or holds the source back, waits for nobody.
 */
export class People {
  readonly #facts: PeopleFacts;

  constructor(facts: PeopleFacts) {
    this.#facts = facts;
  }

  /** Goes back to what was good before, or to a generation by number. What served until now is quarantined. */
  rollback(asked: Asked, to: number | null): Promise<Done> {
    return this.#turn("rollback", asked, { to }, async () => {
      const { rollout, orders } = this.#facts;
      const { deployment } = rollout;
      const { pin } = orders;
      if (pin !== null) return refusedBy(`Generation ${pin.generation} is pinned; unpin it first.`);
      const trial = deployment.trial?.generation.number ?? null;
      if (trial !== null && (to === null || to === rollout.active?.number)) {
        await deployment.withdraw(asked.who, asked.reason);
        return ok(`The canary of generation ${trial} is withdrawn.`);
      }
      if (trial !== null && to === trial)
        return refusedBy(`Generation ${to} is the canary: promote it, or withdraw it by a rollback alone.`);
      const target = to === null ? goodBefore(this.#facts) : rollout.chronicle.recall(to);
      if (target !== null) return goBackTo(this.#facts, target, asked);
      return to === null
        ? refusedBy("There is no earlier good generation.")
        : unknown(`Generation ${to} is not kept.`);
    });
  }

  /** Ends a canary as good. */
  promote(asked: Asked): Promise<Done> {
    return this.#turn("promote", asked, {}, async () => {
      const { deployment } = this.#facts.rollout;
      const { trial } = deployment;
      if (trial === null) return refusedBy("There is no canary to promote.");
      await deployment.promote(asked.reason);
      return ok(`Generation ${trial.generation.number} is active.`);
    });
  }

  /** Keeps one generation serving, whatever the source says; by default the active one. */
  pin(asked: Asked, generation: number | null): Promise<Done> {
    return this.#turn("pin", asked, { generation }, async () => {
      const { rollout, orders, clock } = this.#facts;
      const number = generation ?? rollout.active?.number ?? null;
      if (number === null) return refusedBy("Nothing serves yet.");
      const done = await keep(this.#facts, number, asked.reason);
      if (done.ok) orders.setPin({ generation: number, at: clock.now(), ...asked });
      return done;
    });
  }

  /** Lets the source speak again. */
  unpin(asked: Asked): Promise<Done> {
    return this.#turn("unpin", asked, {}, async () => {
      const { orders } = this.#facts;
      if (orders.pin === null) return refusedBy("Nothing is pinned.");
      orders.setPin(null);
      this.#lookAgain();
      return ok("The pin is gone; the source is looked at.");
    });
  }

  /** Takes nothing from the source for a while; without `forMs` until somebody resumes. */
  suspend(asked: Asked, forMs: DurationMs | null): Promise<Done> {
    return this.#heard("suspend", asked, { for_ms: forMs }, async () => {
      const until = this.#until(forMs);
      this.#facts.orders.suspend({ until, at: this.#facts.clock.now(), ...asked });
      return ok(`Nothing is taken from the source ${untilWords(until)}.`);
    });
  }

  /** Ends a suspension. */
  resume(asked: Asked): Promise<Done> {
    return this.#heard("resume", asked, {}, async () => {
      const { orders, clock } = this.#facts;
      if (orders.suspension(clock.now()) === null) return refusedBy("Nothing is suspended.");
      orders.suspend(null);
      this.#lookAgain();
      return ok("The source is looked at again.");
    });
  }

  /** Looks at the source now. While suspended, or at something quarantined, only by force. */
  sync(asked: Asked, force: boolean): Promise<Done> {
    return this.#heard("sync", asked, { force }, async () => {
      const { rollout, orders, source, clock } = this.#facts;
      if (orders.suspension(clock.now()) !== null && !force)
        return refusedBy("The source is suspended; resume it, or look once with --force.");
      await rollout.look({ force });
      const { state, reason } = source.sync();
      if (state === "failing" || state === "refused")
        return ok(`Nothing was taken from the source: ${reason}`);
      const { attempted } = rollout.deployment;
      if (attempted?.state === "quarantined" && !force) {
        const digest = attempted.digest?.slice(0, 8) ?? "";
        return refusedBy(
          `The source says ${digest}, which is quarantined (${attempted.reason}); --force lifts that.`,
        );
      }
      return ok(`The source was looked at${attempted === null ? "" : `: ${toldOf(attempted)}`}.`);
    });
  }

  /** Takes something away at once, without the file. */
  disable(asked: Asked, what: Disableable, forMs: DurationMs | null): Promise<Done> {
    return this.#heard("disable", asked, { ...what, for_ms: forMs }, async () => {
      const { orders, clock } = this.#facts;
      const [now, until] = [clock.now(), this.#until(forMs)];
      orders.disable({ what, until, at: now, ...asked }, now);
      return ok(`${what.kind} ${what.name} is disabled ${untilWords(until)}.`);
    });
  }

  /** Gives it back. */
  enable(asked: Asked, what: Disableable): Promise<Done> {
    return this.#heard("enable", asked, { ...what }, async () => {
      const { orders, clock } = this.#facts;
      if (!orders.enable(what, clock.now())) return refusedBy(`${what.kind} ${what.name} is not disabled.`);
      return ok(`${what.kind} ${what.name} is enabled.`);
    });
  }

  /** Forgets what a limit or a circuit remembers, which `forget` does, and says what that came to. */
  reset(asked: Asked, what: Detail, forget: () => Done): Promise<Done> {
    return this.#heard("reset", asked, what, async () => forget());
  }

  /** Not awaited: the look takes the turn after this one. */
  #lookAgain(): void {
    this.#facts.rollout.forget();
    void this.#facts.rollout.look();
  }

  #until(forMs: DurationMs | null): EpochMs | null {
    return forMs === null ? null : this.#facts.clock.now() + forMs;
  }

  #turn(action: string, asked: Asked, detail: Detail, work: () => Promise<Done>): Promise<Done> {
    return this.#facts.rollout.turns.take(() => this.#heard(action, asked, detail, work));
  }

  /** Done or refused, it is on disk, with what was asked, before anybody is answered. */
  async #heard(
    action: string,
    { who, reason }: Asked,
    detail: Detail,
    work: () => Promise<Done>,
  ): Promise<Done> {
    const { rollout, clock, tell } = this.#facts;
    const done = await work();
    const outcome = done.ok ? "done" : "refused";
    const says = done.ok ? done.value : done.error.says;
    const entry: AuditEntry = {
      at: clock.now(),
      who,
      action,
      detail: { ...detail, reason, outcome, says },
    };
    await rollout.chronicle.audit(entry);
    tell(entry);
    return done;
  }
}

/** What was asked for, besides by whom and why. */
type Detail = Readonly<Record<string, unknown>>;

const untilWords = (until: EpochMs | null): string =>
  until === null ? "until somebody says otherwise" : `until ${new Date(until).toISOString()}`;

/** What a look came to, to be said after its colon. */
function toldOf({ generation, state, stage, reason }: Attempted): string {
  if (state === "rejected") return `what it says was refused at ${stage}`;
  const words = { active: "is active", canary: "is a canary", held: "is held back", retired: "is retired" };
  const why = reason === null ? "" : ` (${reason})`;
  return `generation ${generation} ${state === "quarantined" ? "is quarantined" : words[state]}${why}`;
}
