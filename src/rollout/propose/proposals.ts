import { compile } from "../../config/compile.ts";
import type { Diagnostic } from "../../config/diagnostic.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { PlanReport } from "../../simulate/plan.ts";
import type { AuditEntry } from "../audit.ts";
import { type Judge, judge } from "../candidate.ts";
import { type DraftEnd, lookInto } from "../draft/draft.ts";
import type { Drafting, DraftQuestion, DraftTests, Texts } from "../draft/question.ts";
import type { Rollout } from "../rollout.ts";
import { Turns } from "../turns.ts";
import { type Byline, type Changes, type Desk, pathOf, pathsOf, type Sheet, type Submitted } from "./desk.ts";

/** A change of the source that somebody proposes. */
export interface Proposal extends Byline {
  /** Texts by the names of their files. */
  readonly files: ReadonlyMap<string, string>;
  /** The digest of what was edited; null: whatever the source says now. */
  readonly baseDigest: string | null;
  /** Only looks into it. */
  readonly isDry: boolean;
  /** Whoever asked has left. */
  readonly signal: AbortSignal;
}

/** What became of a proposal that nothing is wrong with. */
export interface Proposed {
  readonly message: string;
  /** Null where it was only looked into. */
  readonly proposed: Submitted | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly tests: DraftTests | null;
  readonly plan: PlanReport | null;
}

/** Why there is none. `wrong`: the names or texts of `files`, or what they say. */
export type NotProposed =
  | { readonly kind: "wrong"; readonly says: string; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "refused"; readonly says: string };

/** What proposals are taken with. */
export interface ProposalFacts {
  readonly desk: Desk;
  readonly rollout: Rollout;
  readonly judge: Judge;
  readonly drafting: Drafting;
  readonly clock: Clock;
  readonly tell: (entry: AuditEntry) => void;
}

type Outcome = Result<Proposed, NotProposed>;

/**
 * Takes changes of routing files from people: each is validated, tested and planned as the pipeline would, and handed in
 * where the source is. What serves is never touched: it comes, or does not, by way of the source.
 */
export class Proposals {
  readonly #facts: ProposalFacts;
  /** One at a time: two that began with the same text would else undo each other. */
  readonly #turns = new Turns();

  constructor(facts: ProposalFacts) {
    this.#facts = facts;
  }

  propose(proposal: Proposal): Promise<Outcome> {
    return this.#turns.take(async () => {
      const done = await this.#propose(proposal);
      if (!proposal.isDry) await this.#writeDown(proposal, done);
      return done;
    });
  }

  async #propose(proposal: Proposal): Promise<Outcome> {
    const { desk, rollout } = this.#facts;
    const changes = changesIn(desk, proposal.files);
    if (!changes.ok) return wrong(changes.error);
    const opened = await desk.open(changes.value);
    if (!opened.ok) return err({ kind: "refused", says: opened.error });
    const { base, head } = opened.value;
    const stale = this.#staleness(base, proposal.baseDigest);
    if (stale !== null) return err({ kind: "refused", says: stale });
    if (!head.ok) return wrong("The files cannot be read.", head.error);
    const stray = strayIn(desk.root, head.value, changes.value);
    if (base !== null && isSame(base, head.value)) return wrong(stray ?? "The change changes nothing.");
    const serving = base !== null && this.#compiled(base) !== null ? base : rollout.deployment.active?.row;
    if (serving === undefined) return err({ kind: "refused", says: "Nothing serves yet." });
    const { drafting } = this.#facts;
    const question: DraftQuestion = { ...drafting, wanted: { kind: "check" }, serving, draft: head.value };
    const looked = await lookInto(question, { signal: proposal.signal });
    const problem = this.#objection(looked, head.value) ?? (stray === null ? null : wrong(stray));
    return problem ?? this.#handIn(opened.value, proposal, looked);
  }

  /** Everything that can be wrong with a draft that was looked into; null: nothing is. */
  #objection(looked: DraftEnd, head: Texts): Outcome | null {
    const { desk, judge: by } = this.#facts;
    if (looked.kind !== "checked")
      return err({
        kind: "refused",
        says: looked.kind === "unable" ? looked.why : "It was not looked into.",
      });
    if (looked.diagnostics.some(isError)) return wrong("The change has mistakes.", looked.diagnostics);
    // What is reviewed first may wait for its secrets until it is merged; a file is taken at once.
    const judged = desk.kind === "file" ? judge(head.files, by) : null;
    if (judged !== null && !judged.ok) return wrong("The change would be refused here.", judged.diagnostics);
    return null;
  }

  async #handIn({ submit }: Sheet, proposal: Proposal, looked: DraftEnd): Promise<Outcome> {
    const found = looked.kind === "checked" ? looked : { diagnostics: [], tests: null, plan: null };
    const { diagnostics, tests, plan } = found;
    if (proposal.isDry)
      return ok({ message: "Nothing is wrong with the change.", proposed: null, diagnostics, tests, plan });
    const submitted = await submit(proposal);
    if (!submitted.ok) return err({ kind: "refused", says: submitted.error });
    return ok({ message: toldOf(submitted.value), proposed: submitted.value, diagnostics, tests, plan });
  }

  #staleness(base: Texts | null, digest: string | null): string | null {
    if (digest === null) return null;
    const now = base === null ? null : this.#compiled(base);
    return now === digest ? null : "The source has changed since: begin with what it says now.";
  }

  /** The digest of what compiles. */
  #compiled({ files }: Texts): string | null {
    const { engine, variables } = this.#facts.drafting;
    const compiled = compile(files, { engine, variables, unset: "warning" });
    return compiled.ok ? compiled.snapshot.digest : null;
  }

  async #writeDown({ who, reason, message, files }: Proposal, done: Outcome): Promise<void> {
    const { rollout, clock, tell } = this.#facts;
    const says = done.ok ? done.value.message : done.error.says;
    const about = { files: [...files.keys()], message, reason };
    const detail = {
      ...about,
      ...(done.ok ? { proposed: done.value.proposed } : {}),
      outcome: done.ok ? "done" : "refused",
      says,
    };
    const entry = { at: clock.now(), who, action: "propose", detail };
    await rollout.chronicle.audit(entry);
    tell(entry);
  }
}

function changesIn({ root }: Desk, files: Proposal["files"]): Result<Changes, string> {
  const changes = new Map<string, Uint8Array>();
  for (const [name, text] of files) {
    const path = pathOf(root, name);
    if (path === null) return err(`${JSON.stringify(name)} is no name of a file beside the routing file.`);
    if (changes.has(path)) return err(`${JSON.stringify(name)} is there twice.`);
    changes.set(path, new TextEncoder().encode(text));
  }
  return ok(changes);
}

/** Why a changed file is no part of what the configuration is made of; null: each is one. */
function strayIn(root: string, head: Texts, changes: Changes): string | null {
  const parts = pathsOf(root, head);
  const stray = [...changes.keys()].find((path) => !parts.has(path));
  return stray === undefined
    ? null
    : `${JSON.stringify(stray)} is neither the routing file, nor included by it, nor its tests.`;
}

const wrong = (says: string, diagnostics: readonly Diagnostic[] = []): Outcome =>
  err({ kind: "wrong", says, diagnostics });

const isError = ({ severity }: Diagnostic): boolean => severity === "error";

function isSame(a: Texts, b: Texts): boolean {
  const [before, after] = [a, b].map(({ files, tests }) => [...files, ...(tests === null ? [] : [tests])]);
  return (
    before?.length === after?.length &&
    before?.every(({ name, bytes }, index) => {
      const other = after?.[index];
      return name === other?.name && Buffer.from(bytes).equals(other.bytes);
    }) === true
  );
}

const toldOf = (submitted: Submitted): string =>
  submitted.kind === "git"
    ? `The change is on the branch ${submitted.branch}; open a pull request for it.`
    : `${submitted.written.join(" and ")} ${submitted.written.length === 1 ? "is" : "are"} written, and looked at now.`;
