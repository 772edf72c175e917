import type { HistoryEntry } from "../../rollout/history.ts";
import { moment } from "../words.ts";
import { addressOf, type View } from "./address.ts";
import {
  type Band,
  fittingSpan,
  type Mark,
  type Span,
  type SpanName,
  spanOf,
  spans,
  ticksOf,
  timelineOf,
} from "./timeline.ts";

/** Which generation served when: everybody above, a slice below, and marks for what did not come to serve. */
export function TimelineView({
  entries,
  view,
  onView,
  now,
}: {
  readonly entries: readonly HistoryEntry[];
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly now: number;
}) {
  const name = view.span ?? fittingSpan(entries, now);
  const span = spanOf(name, entries, now);
  const { bands, marks } = timelineOf(entries, span);
  const to = (generation: number) => addressOf({ ...view, open: generation });
  return (
    <>
      <fieldset class="spans">
        <legend class="unseen">Time that is drawn</legend>
        {(Object.keys(spans) as readonly SpanName[]).map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === name}
            onClick={() => onView({ ...view, span: each })}
          >
            {each}
          </button>
        ))}
      </fieldset>
      {/* The table below leads to the same places: the keyboard need not stop at each of them here. */}
      <svg class="timeline" aria-label="Which generation served when">
        <Axis span={span} />
        {bands.map((band) => (
          <BandShape
            key={`${band.generation} ${band.began}`}
            band={band}
            href={to(band.generation)}
            open={view.open}
          />
        ))}
        {marks.map((mark) => (
          <MarkShape key={`${mark.generation} ${mark.what}`} mark={mark} href={to(mark.generation)} />
        ))}
      </svg>
      <p class="legend soft" aria-hidden="true">
        <b class="swatch active" /> serves everybody <b class="swatch canary" /> serves a slice, as a canary{" "}
        <b class="bad">×</b> rejected <b class="bad">⊘</b> quarantined or taken back <b class="warn">‖</b>{" "}
        held
      </p>
    </>
  );
}

function BandShape({
  band,
  href,
  open,
}: {
  readonly band: Band;
  readonly href: string;
  readonly open: number | null;
}) {
  const { generation, as, began, ended, left, width } = band;
  const isCanary = as === "canary";
  const says = `Generation ${generation} ${isCanary ? "was a canary" : "served"} from ${moment(began)} ${ended === null ? "until now" : `to ${moment(ended)}`}`;
  const classes = [
    "band",
    as,
    generation % 2 === 0 ? "even" : "odd",
    ended === null ? "now" : "",
    generation === open ? "open" : "",
  ];
  return (
    <a href={href} tabIndex={-1} class={classes.join(" ")}>
      <title>{says}</title>
      <rect
        x={share(left)}
        width={share(Math.max(width, 0.002))}
        y={isCanary ? 38 : 4}
        height={isCanary ? 14 : 30}
        rx="3"
      />
      {width < 0.025 ? null : (
        <text x={share(left + width / 2)} y={isCanary ? 49 : 24}>
          {generation}
        </text>
      )}
    </a>
  );
}

const signs = { rejected: "×", quarantined: "⊘", held: "‖" } as const;

function MarkShape({ mark, href }: { readonly mark: Mark; readonly href: string }) {
  const { generation, what, at, left } = mark;
  const says = `Generation ${generation} ${what} at ${moment(at)}`;
  return (
    <a href={href} tabIndex={-1} class={`mark ${what}`}>
      <title>{says}</title>
      <text x={share(left)} y={70}>
        {signs[what]}
      </text>
    </a>
  );
}

function Axis({ span }: { readonly span: Span }) {
  const { at, stepMs } = ticksOf(span, 6, -new Date(span.to).getTimezoneOffset() * 60_000);
  const format: Intl.DateTimeFormatOptions =
    stepMs < 86_400_000 ? { hour: "2-digit", minute: "2-digit" } : { day: "numeric", month: "short" };
  return (
    <g class="axis">
      {at.map((tick) => {
        const x = share((tick - span.from) / (span.to - span.from));
        return (
          <g key={tick}>
            <line x1={x} x2={x} y1={0} y2={78} />
            <text x={x} y={92}>
              {new Date(tick).toLocaleString("en-GB", format)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

const share = (of: number): string => `${Number((of * 100).toFixed(3))}%`;
