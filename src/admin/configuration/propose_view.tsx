import { useState } from "preact/hooks";
import type { Submitted } from "../../rollout/propose/desk.ts";
import type { Answer, Api } from "../api.ts";
import { Problem } from "../parts/panel.tsx";
import { TakeAway } from "./take_away.tsx";
import { changedFiles, type Draft, partsOf, type Texts } from "./texts.ts";

/** POST /admin/api/propose: what became of it. */
interface Proposed {
  readonly message: string;
  readonly proposed: Submitted | null;
}

/** Hands an edit in where the source is; the edited files can be taken away as well. */
export function ProposeView({
  api,
  draft,
  changed,
  errors,
}: {
  readonly api: Api;
  readonly draft: Draft;
  /** Names of the files that the edit changes. */
  readonly changed: readonly string[];
  readonly errors: number;
}) {
  const [title, setTitle] = useState("");
  const [reason, setReason] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [told, tell] = useState<{ readonly said: Answer<Proposed>; readonly about: Texts } | null>(null);
  const isGit = draft.begunFrom.git_sha !== null;
  const files = partsOf(draft).filter(({ name }) => changed.includes(name));
  const propose = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const texts = Object.fromEntries(files.map(({ name, text }) => [name, text]));
    const body = { files: texts, message: title, reason, base_digest: draft.begunFrom.digest };
    tell({ said: await api.post<Proposed>("/admin/api/propose", body), about: draft });
    setBusy(false);
  };
  // Of an edit that has gone on since, it would be another one's answer.
  const said = told === null || changedFiles(told.about, draft).length > 0 ? null : told.said;
  return (
    <>
      <p class="soft">{isGit ? aboutGit : aboutFile}</p>
      <form class="fields" onSubmit={(event) => void propose(event)}>
        <Field name="Title" value={title} onWrite={setTitle} />
        <Field name="Reason" value={reason} onWrite={setReason} />
        <div class="row">
          <button type="submit" class="primary" disabled={isBusy || errors > 0}>
            {isBusy ? "Proposing …" : isGit ? "Push a branch" : "Write the files"}
          </button>
          {errors > 0 ? <span class="soft">An edit with errors cannot be proposed.</span> : null}
        </div>
      </form>
      <div role="status" aria-live="polite">
        {said?.ok ? <p class="done">{said.value.message}</p> : null}
      </div>
      <Problem text={said?.ok === false ? said.message : null} />
      <TakeAway files={files} />
    </>
  );
}

const aboutGit =
  "The edit is checked and tested once more, and pushed as a commit on a branch of its own, to be reviewed as a pull request. What serves changes when it is merged.";
const aboutFile =
  "The source is a file of the gateway's machine, so there is no pull request: the edit is checked and tested once more, and the files are replaced. The gateway takes them live as it does after every save.";

const Field = ({
  name,
  value,
  onWrite,
}: {
  readonly name: string;
  readonly value: string;
  readonly onWrite: (text: string) => void;
}) => (
  <label>
    {name}
    <input value={value} maxLength={300} required onInput={(event) => onWrite(event.currentTarget.value)} />
  </label>
);
