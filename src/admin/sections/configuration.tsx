import type { Schemas } from "../configuration/schema.ts";
import type { Serving } from "../configuration/texts.ts";
import { useDraft } from "../configuration/use_draft.ts";
import { Workbench } from "../configuration/workbench.tsx";
import { Problem } from "../parts/panel.tsx";
import type { SectionProps } from "../section.ts";
import { useAnswer } from "../use_answer.ts";

/** The files that serve, an edit of them, what it would do, and who is asked to take it. */
export function Configuration({ api }: SectionProps) {
  const serving = useAnswer<Serving>(api, "/admin/api/config", 5_000);
  const schemas = useAnswer<Schemas>(api, "/admin/api/schema", 0);
  const drafting = useDraft(serving.value);
  const { draft } = drafting;
  return (
    <>
      <Problem text={serving.problem ?? schemas.problem} />
      {draft === null ? (
        <p class="empty">Loading what serves …</p>
      ) : (
        <Workbench
          api={api}
          serving={serving.value ?? draft.begunFrom}
          schemas={schemas.value}
          drafting={{ ...drafting, draft }}
        />
      )}
    </>
  );
}
