import type { Diagnostic } from "../../config/diagnostic.ts";
import { Chip } from "../parts/tile.tsx";

/** What was found in a file, errors first, each with its place. */
export function Diagnostics({
  diagnostics,
  label,
}: {
  readonly diagnostics: readonly Diagnostic[];
  readonly label: string;
}) {
  if (diagnostics.length === 0) return null;
  const rows = diagnostics.toSorted(
    (a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"),
  );
  return (
    <ul class="found" aria-label={label}>
      {rows.map((each) => (
        <li key={`${placeOf(each)} ${each.code} ${each.message}`} class={each.severity}>
          <Chip state={each.severity === "error" ? "bad" : "warn"}>{each.severity}</Chip>{" "}
          <code>{each.code}</code> <span class="soft">{placeOf(each)}</span>
          <p>{each.message}</p>
          {(each.related ?? []).map((other) => (
            <p key={placeOf(other)} class="soft">
              {placeOf(other)} {other.message}
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** `routes.yaml:3:7`. */
export const placeOf = ({ file, line, column }: Pick<Diagnostic, "file" | "line" | "column">): string =>
  `${file.startsWith("/") ? file.replace(/^.*\//, "") : file}:${line}:${column}`;
