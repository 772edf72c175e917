import type { Position } from "../../domain/position.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { type Culprit, checkAssertions } from "../assertions.ts";
import { type Spot, topOf } from "../tree.ts";
import type { Making } from "./making.ts";
import type { Whole } from "./whole.ts";

/** Reports what the file's own assertions find, at the line that breaks each. */
export function checkAsserts({ report, places }: Making, whole: Whole, snapshot: Snapshot): void {
  for (const { assertion, culprit, at, message } of checkAssertions(snapshot.asserts, snapshot)) {
    const { file, line, column } = assertion.at;
    const related = [{ file, line, column, message: "The assertion stands here." }];
    report("assert_failed", spotOf(culprit, at, places, whole), message, { related });
  }
}

/** The whole place, of which a Snapshot keeps where it begins. */
function spotOf(culprit: Culprit, at: Position, places: Making["places"], whole: Whole): Spot {
  const nearest: Spot = { ...topOf(at.file), ...at, end_line: at.line, end_column: at.column + 1 };
  switch (culprit.kind) {
    case "alias":
      return whole.aliases.find(({ name }) => name === culprit.alias.name)?.at ?? nearest;
    case "auto": {
      const { auto } = whole.root;
      if (auto === undefined || culprit.index === null) return places.key(whole.root, "auto");
      return places.value(auto.models, culprit.index);
    }
    default: {
      const item = whole.models.find(({ name }) => name === culprit.model.name);
      return (item?.text != null && spotIn(item.text, culprit, at, places)) || (item?.at ?? nearest);
    }
  }
}

type ModelText = NonNullable<Whole["models"][number]["text"]>;

function spotIn(text: ModelText, culprit: Culprit, at: Position, places: Making["places"]): Spot | null {
  if (culprit.kind === "fallback") {
    const { fallbacks } = text;
    const list = Array.isArray(fallbacks) ? fallbacks : fallbacks?.[culprit.cause];
    return list === undefined ? null : places.value(list, culprit.index);
  }
  if (culprit.kind !== "target") return null;
  const spots = text.targets.map((_, index) => places.value(text.targets, index));
  return (
    spots.find(({ file, line, column }) => file === at.file && line === at.line && column === at.column) ??
    null
  );
}
