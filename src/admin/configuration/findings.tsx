import type { Diagnostic, Related } from "../../config/diagnostic.ts";
import { Chip } from "../parts/tile.tsx";
import type { Visit } from "./editor.tsx";
import { many } from "./file_tabs.tsx";
import { countsOf, worstFirst } from "./marks.ts";
import { shortName } from "./texts.ts";
import type { Checking } from "./use_check.ts";

/** What the gateway makes of the edit, in a sentence that is read out when it changes. */
export function Verdict({ checking }: { readonly checking: Checking }) {
  const { checked, isBusy, problem } = checking;
  return (
    <p class="verdict" role="status" aria-live="polite">
      {isBusy || checked === null ? (
        <Chip state="calm">{problem === null ? "checking …" : "not checked"}</Chip>
      ) : (
        <Chips checked={checked} />
      )}
    </p>
  );
}

function Chips({ checked }: { readonly checked: NonNullable<Checking["checked"]> }) {
  const { diagnostics, tests, plan } = checked;
  const { errors, warnings } = countsOf(diagnostics);
  return (
    <>
      <Chip state={errors > 0 ? "bad" : "good"}>{errors > 0 ? many(errors, "error") : "no errors"}</Chip>{" "}
      {warnings > 0 ? <Chip state="warn">{many(warnings, "warning")}</Chip> : null}{" "}
      {tests === null ? (
        <span class="soft">{plan === null ? "Tests run once it compiles." : "No tests beside it."}</span>
      ) : (
        <Chip state={tests.failed > 0 ? "bad" : "good"}>
          {tests.failed > 0
            ? `${tests.failed} of ${many(tests.failed + tests.passed, "test")} failed`
            : `${many(tests.passed, "test")} passed`}
        </Chip>
      )}
    </>
  );
}

/** Every diagnostic, errors first; each leads to its place. */
export function Findings({
  diagnostics,
  onVisit,
}: {
  readonly diagnostics: readonly Diagnostic[];
  readonly onVisit: (visit: Visit) => void;
}) {
  if (diagnostics.length === 0) return null;
  return (
    <ul class="findings" aria-label="Errors and warnings">
      {worstFirst(diagnostics).map((each) => (
        <Finding
          key={`${each.file}:${each.line}:${each.column} ${each.code} ${each.message}`}
          each={each}
          onVisit={onVisit}
        />
      ))}
    </ul>
  );
}

function Finding({ each, onVisit }: { readonly each: Diagnostic; readonly onVisit: (visit: Visit) => void }) {
  const { severity, code, message, suggestion, related = [] } = each;
  return (
    <li class={severity === "error" ? "worst" : ""}>
      <Chip state={severity === "error" ? "bad" : "warn"}>{severity}</Chip> <code>{code}</code>{" "}
      <Place at={each} onVisit={onVisit} />
      <p>
        {message}{" "}
        {suggestion === undefined ? null : (
          <button type="button" class="small" onClick={() => onVisit({ ...placeOf(each), follow: each })}>
            Write {suggestion}
          </button>
        )}
      </p>
      {related.map((other) => (
        <p key={`${other.file}:${other.line}:${other.column}`} class="soft">
          <Place at={other} onVisit={onVisit} /> {other.message}
        </p>
      ))}
    </li>
  );
}

const placeOf = ({ file, line, column }: Pick<Related, "file" | "line" | "column">): Visit => ({
  file,
  line,
  column,
});

/** A place in a file that can be gone to. */
export const Place = ({
  at,
  onVisit,
}: {
  readonly at: Pick<Related, "file" | "line" | "column">;
  readonly onVisit: (visit: Visit) => void;
}) => (
  <button type="button" class="link" onClick={() => onVisit(placeOf(at))}>
    {shortName(at.file)}:{at.line}:{at.column}
  </button>
);
