import { useState } from "preact/hooks";
import { Chip } from "../parts/tile.tsx";
import { type Serving, shortName, type TextFile } from "./texts.ts";
import type { Checking } from "./use_check.ts";
import type { Edited } from "./workbench.tsx";

/** What serves, whether it is edited, and what can be done with the edit as a whole. */
export function Standing({
  serving: { generation, git_sha: sha },
  drafting,
  checking,
}: {
  readonly serving: Serving;
  readonly drafting: Edited;
  readonly checking: Checking;
}) {
  const { draft, changed } = drafting;
  return (
    <>
      <Chip state="calm">
        generation {generation} serves{sha === null ? "" : `, ${sha.slice(0, 8)}`}
      </Chip>
      {changed.length === 0 ? null : <Chip state="warn">edited</Chip>}
      <button type="button" onClick={checking.now}>
        Check now
      </button>
      {draft.tests === null ? (
        <button
          type="button"
          onClick={() => drafting.addTests(testsFor(draft.files[0]?.name ?? "routes.yaml"))}
        >
          Add tests
        </button>
      ) : null}
      {changed.length === 0 ? null : <Discard onDiscard={drafting.discard} />}
    </>
  );
}

const testsFor = (root: string): TextFile => ({
  name: root.replace(/(\.ya?ml)?$/, ".test.yaml"),
  text: `version: 1\ntests:\n  - name: ${shortName(root)} answers\n    send: {}\n    expect: { status: 200 }\n`,
});

/** Asks first: what is thrown away does not come back. */
function Discard({ onDiscard }: { readonly onDiscard: () => void }) {
  const [asks, setAsks] = useState(false);
  if (!asks)
    return (
      <button type="button" onClick={() => setAsks(true)}>
        Throw away …
      </button>
    );
  return (
    <span class="asks" role="alert">
      Throw the edit away?{" "}
      <button type="button" class="danger" onClick={onDiscard}>
        Throw away
      </button>{" "}
      <button type="button" onClick={() => setAsks(false)}>
        Keep it
      </button>
    </span>
  );
}

/** Another generation began to serve since the edit was begun. */
export function Meanwhile({
  serving,
  drafting: { draft, changed, follow, discard },
}: {
  readonly serving: Serving;
  readonly drafting: Edited;
}) {
  const { begunFrom } = draft;
  if (changed.length === 0 || serving.digest === begunFrom.digest) return null;
  return (
    <div class="aside" role="status">
      <p>
        Generation {serving.generation} serves since; the edit was begun from {begunFrom.generation}. What it
        changes is told against the newer one, so that it may take back what others have changed.
      </p>
      <p class="row">
        <button type="button" onClick={follow}>
          Keep the edit and compare
        </button>
        <button type="button" onClick={discard}>
          Throw it away and begin from {serving.generation}
        </button>
      </p>
    </div>
  );
}
