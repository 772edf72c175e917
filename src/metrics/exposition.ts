/** Prometheus' text format 0.0.4, or OpenMetrics 1.0. */
export type Exposition = "prometheus" | "openmetrics";

/** The content type of each format. */
export const contentTypes = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
} as const satisfies Record<Exposition, string>;

/** All samples of one name. A counter's name ends in `_total`, an info's in `_info`. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "info" | "histogram";
  readonly samples: readonly Sample[];
}

/** One line. `suffix` is for a histogram's `_bucket`, `_sum` and `_count`. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly suffix?: "_bucket" | "_sum" | "_count";
}

/** Writes families as text, each with its HELP and TYPE, also when it has no sample yet. */
export function expose(families: readonly Family[], format: Exposition): string {
  const text = families.map((family) => block(family, format)).join("");
  return format === "openmetrics" ? `${text}# EOF\n` : text;
}

/** Picks the format for an `Accept` header; null when it asks for neither, which means JSON. */
export function expositionFor(accept: string | null): Exposition | null {
  const wanted = (accept ?? "").split(",").flatMap((part) => {
    const [type = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
    const quality = Number(parameters.find((one) => one.startsWith("q="))?.slice(2) ?? 1);
    return quality > 0 ? [{ type, quality }] : [];
  });
  const best = wanted.toSorted((a, b) => b.quality - a.quality).map(({ type }) => formats.get(type));
  return best.find((format) => format !== undefined) ?? null;
}

const formats: ReadonlyMap<string, Exposition | null> = new Map([
  ["application/openmetrics-text", "openmetrics"],
  ["text/plain", "prometheus"],
  ["application/json", null],
]);

function block(family: Family, format: Exposition): string {
  const base = format === "openmetrics" ? family.name.replace(/_(total|info)$/, "") : family.name;
  const type = family.type === "info" && format === "prometheus" ? "gauge" : family.type;
  const help = escaped(family.help, format === "openmetrics");
  const lines = family.samples.map((sample) => line(family.name, sample));
  return `# HELP ${base} ${help}\n# TYPE ${base} ${type}\n${lines.join("")}`;
}

function line(name: string, sample: Sample): string {
  const labels = Object.entries(sample.labels).map(([label, value]) => `${label}="${escaped(value, true)}"`);
  const shown = labels.length === 0 ? "" : `{${labels.join(",")}}`;
  return `${name}${sample.suffix ?? ""}${shown} ${numeral(sample.value)}\n`;
}

function escaped(text: string, quotes: boolean): string {
  const plain = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return quotes ? plain.replaceAll('"', '\\"') : plain;
}

function numeral(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}
