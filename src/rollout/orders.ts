import { isRecord } from "../core/record.ts";
import type { EpochMs } from "../core/units.ts";
import type { Disableable } from "../domain/route.ts";
import type { Change } from "./control_store.ts";

/** Who said something, when and why. */
export interface Word {
  readonly at: EpochMs;
  readonly who: string;
  readonly reason: string;
}

/** A generation that serves whatever the source says. */
export interface Pin extends Word {
  readonly generation: number;
}

/** Nothing is taken from the source before `until`; null: until somebody resumes. */
export interface Suspension extends Word {
  readonly until: EpochMs | null;
}

/** A digest that is not to serve again. `who` is a person, or the canary. */
export interface Quarantined extends Word {
  readonly digest: string;
  readonly generation: number | null;
}

/** Something taken away by hand, until `until`; null: until somebody gives it back. */
export interface Override extends Word {
  readonly what: Disableable;
  readonly until: EpochMs | null;
}

/** Told of a changed fact, to be written down. */
type OnChange = (change: Extract<Change, { readonly kind: "fact" }>) => void;

/**
 * What people have decided, which outranks what machines find: pin, suspension, quarantine and overrides. It survives
 * reloads and restarts; what has an end ends by itself.
 */
export class Orders {
  readonly #onChange: OnChange;
  #pin: Pin | null;
  #suspension: Suspension | null;
  #quarantined: readonly Quarantined[];
  #overrides: ReadonlyMap<string, Override>;

  /** `facts` are those of the last process; what nobody of ours can have written is left out. */
  constructor(facts: Readonly<Record<string, unknown>>, onChange: OnChange) {
    this.#onChange = onChange;
    this.#pin = isWord(facts["pin"]) ? (facts["pin"] as unknown as Pin) : null;
    this.#suspension = isWord(facts["suspension"]) ? (facts["suspension"] as unknown as Suspension) : null;
    this.#quarantined = listIn<Quarantined>(facts["quarantine"]);
    this.#overrides = new Map(listIn<Override>(facts["overrides"]).map((each) => [idOf(each.what), each]));
  }

  get pin(): Pin | null {
    return this.#pin;
  }

  setPin(pin: Pin | null): void {
    this.#pin = pin;
    this.#tell("pin", pin);
  }

  suspension(now: EpochMs): Suspension | null {
    const suspension = this.#suspension;
    return suspension === null || isOver(suspension, now) ? null : suspension;
  }

  suspend(suspension: Suspension | null): void {
    this.#suspension = suspension;
    this.#tell("suspension", suspension);
  }

  get quarantined(): readonly Quarantined[] {
    return this.#quarantined;
  }

  /** Why a digest may not serve; null when it may. */
  quarantineOf(digest: string): Quarantined | null {
    return this.#quarantined.find((each) => each.digest === digest) ?? null;
  }

  quarantine(entry: Quarantined): void {
    this.#setQuarantined([...this.#quarantined.filter(({ digest }) => digest !== entry.digest), entry]);
  }

  liftQuarantine(digest: string): void {
    const left = this.#quarantined.filter((each) => each.digest !== digest);
    if (left.length < this.#quarantined.length) this.#setQuarantined(left);
  }

  /** What is taken away now. */
  overrides(now: EpochMs): readonly Override[] {
    return [...this.#overrides.values()].filter((override) => !isOver(override, now));
  }

  /** The plan asks this for everything that could serve: an input of every decision. */
  readonly disabled = (what: Disableable, now: EpochMs): Override | null => {
    if (this.#overrides.size === 0) return null;
    const found = this.#overrides.get(idOf(what));
    return found === undefined || isOver(found, now) ? null : found;
  };

  disable(override: Override, now: EpochMs): void {
    const running = this.overrides(now).filter(({ what }) => idOf(what) !== idOf(override.what));
    this.#setOverrides([...running, override]);
  }

  /** Gives it back; false when it was not taken away. */
  enable(what: Disableable, now: EpochMs): boolean {
    const running = this.overrides(now);
    const left = running.filter((override) => idOf(override.what) !== idOf(what));
    this.#setOverrides(left);
    return left.length < running.length;
  }

  #setQuarantined(entries: readonly Quarantined[]): void {
    this.#quarantined = entries;
    this.#tell("quarantine", entries.length === 0 ? null : entries);
  }

  #setOverrides(overrides: readonly Override[]): void {
    this.#overrides = new Map(overrides.map((override) => [idOf(override.what), override]));
    this.#tell("overrides", overrides.length === 0 ? null : overrides);
  }

  #tell(name: string, value: unknown): void {
    this.#onChange({ kind: "fact", name, value });
  }
}

const isOver = ({ until }: { readonly until: EpochMs | null }, now: EpochMs): boolean =>
  until !== null && now >= until;

const idOf = ({ kind, name }: Disableable): string => `${kind} ${name}`;

const isWord = (value: unknown): boolean => isRecord(value) && typeof value["at"] === "number";

const listIn = <T extends Word>(value: unknown): readonly T[] =>
  Array.isArray(value) ? value.filter((each): each is T => isWord(each)) : [];
