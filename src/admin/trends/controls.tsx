import { TextField } from "../parts/field.tsx";
import { filters, groupings, type SpanName, spans, type View } from "./view.ts";

/** What is shown, and of what. Every change is at once in the address. */
export function Controls({
  view,
  onView,
  names,
}: {
  readonly view: View;
  readonly onView: (view: View) => void;
  /** Names to choose from, by filter. */
  readonly names: Readonly<Record<string, readonly string[]>>;
}) {
  return (
    <div class="controls">
      <fieldset>
        <legend>Time</legend>
        {Object.keys(spans).map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={view.zoom === null && view.span === name}
            onClick={() => onView({ ...view, span: name as SpanName, zoom: null })}
          >
            {name}
          </button>
        ))}
        {view.zoom === null ? null : (
          <button type="button" onClick={() => onView({ ...view, zoom: null })}>
            Zoom out
          </button>
        )}
      </fieldset>
      <Choice
        label="Bucket"
        value={view.bucket}
        options={["auto", "minute", "hour", "day"]}
        onChoice={(bucket) => onView({ ...view, bucket: bucket as View["bucket"] })}
      />
      <Choice
        label="Lines by"
        value={view.by ?? ""}
        options={["", ...groupings]}
        onChoice={(by) => onView({ ...view, by: by === "" ? null : by })}
      />
      {filters.map((name) => (
        <TextField
          key={name}
          label={name.replace(/^./, (letter) => letter.toUpperCase())}
          size={11}
          placeholder="all"
          options={names[name]}
          value={view.where[name] ?? ""}
          onText={(text) => onView({ ...view, where: { ...view.where, [name]: text.trim() } })}
        />
      ))}
      <label class="check">
        <input
          type="checkbox"
          checked={view.isCompared}
          onChange={(event) => onView({ ...view, isCompared: event.currentTarget.checked })}
        />
        Compare with the time before
      </label>
    </div>
  );
}

const Choice = ({
  label,
  value,
  options,
  onChoice,
}: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly onChoice: (value: string) => void;
}) => (
  <label>
    {label}
    <select value={value} onChange={(event) => onChoice(event.currentTarget.value)}>
      {options.map((option) => (
        <option key={option} value={option}>
          {option === "" ? "all together" : option}
        </option>
      ))}
    </select>
  </label>
);
