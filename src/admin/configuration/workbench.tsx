import { useMemo, useState } from "preact/hooks";
import type { Api } from "../api.ts";
import { Panel, Problem } from "../parts/panel.tsx";
import { DiffView } from "./diff_view.tsx";
import { Editor, type Visit } from "./editor.tsx";
import { FileTabs } from "./file_tabs.tsx";
import { Findings, Verdict } from "./findings.tsx";
import { countsOf } from "./marks.ts";
import { namesIn } from "./names.ts";
import { PlanView } from "./plan_view.tsx";
import { ProposeView } from "./propose_view.tsx";
import { ReplayView } from "./replay_view.tsx";
import type { Schemas } from "./schema.ts";
import { Meanwhile, Standing } from "./standing.tsx";
import type { Known } from "./suggestions.ts";
import { type Draft, partsOf, type Serving, type Texts } from "./texts.ts";
import { type Checking, useCheck } from "./use_check.ts";
import type { Drafting } from "./use_draft.ts";

/** An edit that is there. */
export interface Edited extends Drafting {
  readonly draft: Draft;
}

/** The editor with its findings beside what the edit would do. */
export function Workbench({
  api,
  serving,
  schemas,
  drafting,
}: {
  readonly api: Api;
  readonly serving: Serving;
  readonly schemas: Schemas | null;
  readonly drafting: Edited;
}) {
  const { draft } = drafting;
  const checking = useCheck(api, draft, serving.generation);
  const [visit, setVisit] = useState<Visit | null>(null);
  const [opened, open] = useState<string | null>(null);
  const shown = partsOf(draft).find(({ name }) => name === opened)?.name ?? draft.files[0]?.name ?? "";
  const go = (to: Visit): void => {
    open(to.file);
    setVisit({ ...to });
  };
  return (
    <div class="workbench">
      <Panel title="Files" actions={<Standing serving={serving} drafting={drafting} checking={checking} />}>
        <Meanwhile serving={serving} drafting={drafting} />
        <Writing {...{ drafting, checking, schemas, shown, visit }} onVisit={go} onShow={open} />
        <Verdict checking={checking} />
        <Problem text={checking.problem} />
        <Findings diagnostics={checking.checked?.diagnostics ?? []} onVisit={go} />
      </Panel>
      <Outcome {...{ api, drafting, checking }} onVisit={go} />
      {drafting.changed.length === 0 ? null : (
        <div class="whole">
          <Panel title="As text">
            <DiffView before={serving} after={draft} />
          </Panel>
        </div>
      )}
    </div>
  );
}

/** A tab for each file, the editor below, and how it is used. */
function Writing({
  drafting: { draft, changed, turn, write },
  checking,
  schemas,
  shown,
  visit,
  onVisit,
  onShow,
}: {
  readonly drafting: Edited;
  readonly checking: Checking;
  readonly schemas: Schemas | null;
  readonly shown: string;
  readonly visit: Visit | null;
  readonly onVisit: (visit: Visit) => void;
  readonly onShow: (name: string) => void;
}) {
  const [wraps, setWraps] = useState(() => matchMedia("(max-width: 600px)").matches);
  const known = useKnown(draft, schemas);
  const diagnostics = checking.checked?.diagnostics ?? none;
  return (
    <>
      <div class="above">
        <FileTabs texts={draft} {...{ shown, changed, diagnostics, onShow }} />
        <label>
          <input type="checkbox" checked={wraps} onChange={() => setWraps(!wraps)} /> Wrap lines
        </label>
      </div>
      <div id="editor" role="tabpanel" aria-labelledby={`file-${shown}`}>
        <Editor
          {...{ texts: draft, turn, shown, wraps, visit, known, onVisit, diagnostics }}
          onChange={write}
          onCheck={checking.now}
        />
        <EditorKeys />
      </div>
    </>
  );
}

/** How to write, and how to leave: the editor takes Tab for itself. */
const EditorKeys = () => (
  <p id="editor-keys" class="soft keys">
    <kbd>Escape</kbd> then <kbd>Tab</kbd> leaves the editor · <kbd>Ctrl/⌘ S</kbd> checks ·{" "}
    <kbd>Ctrl Space</kbd> completes · <kbd>Ctrl/⌘ F</kbd> finds · <kbd>F8</kbd> next mistake
  </p>
);

const none: readonly never[] = [];

/** What is known of each file, worked out when somebody asks. */
function useKnown(texts: Texts, schemas: Schemas | null): (name: string) => Known | null {
  const names = useMemo(() => {
    let made: Known["names"] | null = null;
    return () => {
      made ??= namesIn(texts.files);
      return made;
    };
  }, [texts.files]);
  return (name) => {
    const part = partsOf(texts).find((file) => file.name === name)?.part;
    return part === undefined || schemas === null ? null : { part, schema: schemas[part], names: names() };
  };
}

/** What the edit would do, and what to do with it. */
function Outcome({
  api,
  drafting: { draft, changed },
  checking,
  onVisit,
}: {
  readonly api: Api;
  readonly drafting: Edited;
  readonly checking: Checking;
  readonly onVisit: (visit: Visit) => void;
}) {
  const { checked } = checking;
  const { errors } = countsOf(checked?.diagnostics ?? []);
  const plan = checked?.plan ?? null;
  const untouched = (
    <p class="empty">Nothing is edited. Write in the files, and what that changes stands here.</p>
  );
  return (
    <div class="outcome">
      <Panel title="What the edit changes">
        {changed.length === 0 ? (
          untouched
        ) : plan === null ? (
          <p class="empty">Once the edit has no errors, its plan stands here.</p>
        ) : (
          <PlanView plan={plan} onVisit={onVisit} />
        )}
      </Panel>
      <Panel title="Replay">
        <ReplayView api={api} texts={draft} compiles={plan !== null} />
      </Panel>
      <Panel title="Propose">
        {changed.length === 0 ? (
          <p class="empty">Nothing is edited: there is nothing to propose.</p>
        ) : (
          <ProposeView api={api} draft={draft} changed={changed} errors={errors} />
        )}
      </Panel>
    </div>
  );
}
