import type { DiagnosticCode, Report } from "../../config/diagnostic.ts";
import { didYouMean, suggest } from "../../config/suggest.ts";
import type { Spot } from "../../config/tree.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { isAuto } from "../../routing/plan.ts";
import { lookUp } from "../../routing/resolve.ts";
import { publicNames } from "../names.ts";

/** Reports a name that the routing file does not have. */
export type Require = (name: string, at: Spot) => void;

/** What tests name. */
export interface Names {
  readonly provider: Require;
  /** What a client may write: a model, an alias, what a pattern takes, `auto`. */
  readonly model: Require;
  /** A model by its own name. */
  readonly ownModel: Require;
  /** `provider/model`, as a target has it. */
  readonly target: Require;
  /** Whatever an answer may be said to come from: what clients write, an upstream model, a target. */
  readonly answerer: Require;
  /** The id of a client key. */
  readonly key: Require;
}

/** The names of a routing file, for tests of it. */
export function namesIn(snapshot: Snapshot, report: Report): Names {
  const { providers, models, patterns, auth } = snapshot;
  const all = [...models.values(), ...patterns];
  const own = all.map(({ name }) => name);
  const targets = all.flatMap((model) =>
    model.targets.map((target) => `${target.provider.name}/${target.model}`),
  );
  const upstream = targets.map((target) => target.slice(target.indexOf("/") + 1));
  const asked = (name: string) => lookUp(snapshot, name) !== null || isAuto(snapshot, name);
  const among = (known: Iterable<string>) => (name: string) => [...known].some((each) => isSame(each, name));
  const rule =
    (
      code: DiagnosticCode,
      what: string,
      isKnown: (name: string) => boolean,
      known: () => Iterable<string>,
    ): Require =>
    (name, at) => {
      if (isKnown(name)) return;
      const suggestion = suggest(name, known());
      const message = `There is no ${what} "${name}" in the routing file.${didYouMean(suggestion)}`;
      report(code, at, message, { suggestion });
    };
  const provider = rule(
    "unknown_provider",
    "provider",
    (name) => providers.has(name),
    () => providers.keys(),
  );
  const target = rule("unknown_model", "target", among(targets), () => targets);
  const answers = (name: string) => asked(name) || among(upstream)(name) || among(targets)(name);
  return {
    provider,
    model: rule("unknown_model", "model", asked, () => publicNames(snapshot)),
    ownModel: rule(
      "unknown_model",
      "model",
      (name) => own.includes(name),
      () => own,
    ),
    target: (name, at) =>
      providers.has(providerIn(name)) ? target(name, at) : provider(providerIn(name), at),
    answerer: rule("unknown_model", "model", answers, () => [...publicNames(snapshot), ...upstream]),
    key: rule(
      "unknown_key",
      "client key",
      (id) => auth.keys.some((key) => key.id === id),
      () => auth.keys.map(({ id }) => id),
    ),
  };
}

const providerIn = (target: string): string => target.split("/", 1)[0] ?? "";

/** Whether a name is the one that is known, or one that its `*` takes. */
const isSame = (known: string, name: string): boolean =>
  known.endsWith("*") ? name.startsWith(known.slice(0, -1)) : known === name;
