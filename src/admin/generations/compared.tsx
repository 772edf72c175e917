import type { ComponentType } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { summaryOf } from "../../simulate/plan/sections.ts";
import type { Api } from "../api.ts";
import { Changes, placeText } from "../parts/changes.tsx";
import { Panel, Problem } from "../parts/panel.tsx";
import { useAnswer } from "../use_answer.ts";
import type { Difference } from "./told.ts";

/** What two generations do not have in common: by name and risk, and as texts. */
export function ComparedPanel({
  api,
  pair: { from, to },
  onClose,
}: {
  readonly api: Api;
  readonly pair: { readonly from: number; readonly to: number };
  readonly onClose: () => void;
}) {
  const top = useRef<HTMLDivElement>(null);
  const { value, problem } = useAnswer<Difference>(api, `/admin/api/diff?from=${from}&to=${to}`, 0);
  const told = value?.from === from && value.to === to ? value : null;
  useEffect(() => top.current?.scrollIntoView({ block: "start" }), [told]);
  return (
    <div ref={top} class="opened">
      <Panel
        title={`From generation ${from} to ${to}`}
        actions={
          <button type="button" class="quiet" onClick={onClose}>
            Close
          </button>
        }
      >
        <Problem text={problem} />
        {told === null ? (
          problem === null ? (
            <p class="empty">Comparing …</p>
          ) : null
        ) : (
          <Told difference={told} />
        )}
      </Panel>
    </div>
  );
}

function Told({ difference: { changes, files } }: { readonly difference: Difference }) {
  return (
    <>
      {changes === null ? (
        <p>One of the two does not compile with this version, so that only their texts can be compared.</p>
      ) : (
        <>
          <p>{summaryOf({ report: { changes } })}</p>
          <Changes changes={changes} placed={(at) => <span class="soft">at {placeText(at)}</span>} />
        </>
      )}
      <Texts files={files} />
    </>
  );
}

interface Text {
  readonly name: string;
  readonly text: string;
}
interface Both {
  readonly before: { readonly files: readonly Text[]; readonly tests: null };
  readonly after: { readonly files: readonly Text[]; readonly tests: null };
}

function Texts({ files }: Pick<Difference, "files">) {
  const Shown = useDiffView();
  const both = useMemo((): Both => {
    const side = (text: (file: Difference["files"][number]) => string | null) => ({
      files: files.flatMap((file) => {
        const its = text(file);
        return its === null ? [] : [{ name: file.name, text: its }];
      }),
      tests: null,
    });
    return { before: side(({ from }) => from), after: side(({ to }) => to) };
  }, [files]);
  return Shown === null ? <p class="empty">Loading the texts …</p> : <Shown {...both} />;
}

/** Most of it is an editor, which nobody waits for who compares nothing. */
function useDiffView(): ComponentType<Both> | null {
  const [loaded, setLoaded] = useState<{ readonly it: ComponentType<Both> } | null>(null);
  useEffect(() => {
    let left = false;
    void import("../configuration/diff_view.tsx").then(({ DiffView }) => left || setLoaded({ it: DiffView }));
    return () => {
      left = true;
    };
  }, []);
  return loaded?.it ?? null;
}
