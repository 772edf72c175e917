import type { AttemptRow, RequestOutcome, RequestRow } from "../domain/journal.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import { expectedOf } from "./expected.ts";
import { type Exposition, expose, type Family, type Sample } from "./exposition.ts";
import { openCalls } from "./genai.ts";
import { type Histogram, histogram, histogramSamples, observeIn } from "./histogram.ts";
import { other, SeriesTable } from "./series.ts";

/** Counters since the process began, for Prometheus. In memory, so that a scrape touches no database. */
export interface Live {
  /** Counts one finished request. Never throws. */
  readonly observe: (row: RequestRow) => void;
  /**
   * The text of a scrape, in which whatever the configuration lets expect is at least zero; `facts` are what only the caller
   * knows now: gauges, and counters of its own.
   */
  readonly render: (format: Exposition, configuration: Snapshot | null, facts: readonly Family[]) => string;
}

/** All that is counted for one (model, provider, key); one lookup per request finds it. */
interface RequestSeries {
  readonly model: string;
  readonly provider: string;
  readonly key: string;
  readonly outcomes: Record<RequestOutcome, number>;
  readonly tokens: Record<TokenKind, number | null>;
  cost: number | null;
}

interface AttemptSeries {
  readonly provider: string;
  readonly model: string;
  readonly outcomes: Map<AttemptRow["outcome"], number>;
}

type TokenKind = (typeof tokenKinds)[number];
const tokenKinds = ["prompt", "cached", "completion", "reasoning"] as const;

/** Starts counting at zero. */
export function openLive(): Live {
  const requests = new SeriesTable<RequestSeries>(beginRequests);
  const attempts = new SeriesTable<AttemptSeries>(beginAttempts);
  const calls = openCalls();
  let known: Snapshot | null = null;
  const times = {
    duration: histogram([0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600]),
    ttft: histogram([0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]),
    overhead: histogram([0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 1]),
  };

  const observe = (row: RequestRow): void => {
    // a name that led to no model is a client's invention
    addRequest(requests.find(row.model ?? other, row.provider ?? "", row.key_id ?? ""), row);
    for (const attempt of row.attempts) {
      const { outcomes } = attempts.find(attempt.provider, attempt.served_model, "");
      outcomes.set(attempt.outcome, (outcomes.get(attempt.outcome) ?? 0) + 1);
    }
    if (row.outcome === "ok" || row.outcome === "error") observeIn(times.duration, row.duration_ms / 1000);
    if (row.ttft_ms !== null) observeIn(times.ttft, row.ttft_ms / 1000);
    observeIn(times.overhead, row.overhead_ms / 1000);
    calls.observe(row);
  };

  const expect = (snapshot: Snapshot | null): void => {
    if (snapshot === null || snapshot === known) return;
    known = snapshot;
    for (const { model, provider, keys, isPriced } of expectedOf(snapshot)) {
      for (const key of keys) begin(requests.find(model, provider, key), isPriced);
      if (provider !== "") attempts.find(provider, model, "");
    }
  };

  const families = (): readonly Family[] => [
    ...requestFamilies(requests.all),
    attemptFamily(attempts.all),
    timing(
      "switchyard_request_duration_seconds",
      "Time from arrival to the end of the answer, of served requests.",
      times.duration,
    ),
    timing(
      "switchyard_time_to_first_token_seconds",
      "Time from arrival to the first output sent.",
      times.ttft,
    ),
    timing(
      "switchyard_gateway_overhead_seconds",
      "Time that the gateway itself took of a request.",
      times.overhead,
    ),
    ...calls.families(),
  ];
  return {
    observe,
    render: (format, configuration, facts) => {
      expect(configuration);
      return expose([...families(), ...facts], format);
    },
  };
}

function addRequest(series: RequestSeries, row: RequestRow): void {
  series.outcomes[row.outcome] += 1;
  for (const kind of tokenKinds) {
    const tokens = row.usage[kind];
    if (tokens !== null) series.tokens[kind] = (series.tokens[kind] ?? 0) + tokens;
  }
  if (row.cost_usd !== null) series.cost = (series.cost ?? 0) + row.cost_usd;
}

/** What nobody answered has neither tokens nor a cost. */
function begin(series: RequestSeries, isPriced: boolean): void {
  if (series.provider === "") return;
  series.tokens.prompt ??= 0;
  series.tokens.completion ??= 0;
  if (isPriced) series.cost ??= 0;
}

const beginRequests = (model: string, provider: string, key: string): RequestSeries => ({
  ...{ model, provider, key },
  outcomes: { ok: 0, error: 0, refused: 0, cancelled: 0 },
  tokens: { prompt: null, cached: null, completion: null, reasoning: null },
  cost: null,
});

const beginAttempts = (provider: string, model: string): AttemptSeries => ({
  ...{ provider, model },
  outcomes: new Map([["ok", 0]]),
});

function requestFamilies(all: readonly RequestSeries[]): readonly Family[] {
  const tokens = new Map<string, Sample>();
  for (const { model, provider, tokens: counts } of all) {
    for (const kind of tokenKinds) {
      const count = counts[kind];
      if (count === null) continue;
      const id = [model, provider, kind].join("\n");
      tokens.set(id, { labels: { model, provider, kind }, value: count + (tokens.get(id)?.value ?? 0) });
    }
  }
  return [
    {
      name: "switchyard_requests_total",
      help: "Requests by the model asked for, the provider that answered, the key and how they ended.",
      type: "counter",
      samples: all.flatMap(({ model, provider, key, outcomes }) =>
        Object.entries(outcomes).map(([outcome, value]) => ({
          labels: { model, provider, key, outcome },
          value,
        })),
      ),
    },
    {
      name: "switchyard_tokens_total",
      help: "Tokens as providers reported them; prompt includes cached, completion includes reasoning.",
      type: "counter",
      samples: [...tokens.values()],
    },
    {
      name: "switchyard_cost_usd_total",
      help: "US dollars, of answers whose price is known.",
      type: "counter",
      samples: all.flatMap(({ model, provider, key, cost }) =>
        cost === null ? [] : [{ labels: { model, provider, key }, value: cost }],
      ),
    },
  ];
}

const attemptFamily = (all: readonly AttemptSeries[]): Family => ({
  name: "switchyard_attempts_total",
  help: "Attempts by provider, the public model they were made for and how they ended.",
  type: "counter",
  samples: all.flatMap(({ provider, model, outcomes }) =>
    [...outcomes].map(([outcome, value]) => ({ labels: { provider, model, outcome }, value })),
  ),
});

const timing = (name: string, help: string, times: Histogram): Family => ({
  ...{ name, help },
  type: "histogram",
  samples: histogramSamples(times),
});
