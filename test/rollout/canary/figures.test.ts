import { describe, expect, test } from "bun:test";
import type { FailureKind } from "../../../src/domain/failure.ts";
import { ArmFigures, type Ended } from "../../../src/rollout/canary/figures.ts";
import { attempt } from "../../metrics/traffic.ts";
import { ended } from "./traffic.ts";

const isForeign = (endpoint: string) => endpoint === "new";
const summaryOf = (...rows: readonly Ended[]) => {
  const arm = new ArmFigures();
  for (const row of rows) arm.observe(row, isForeign);
  return arm.summary();
};
const at = (endpoint_id: string, outcome: "ok" | FailureKind) => attempt({ endpoint_id, outcome });
const limited = {
  outcome: "refused",
  status: 429,
  code: "rate_limit_exceeded",
  ttft_ms: null,
  cost_usd: null,
} as const;

describe("the figures of an arm", () => {
  test("are null where nothing is known", () => {
    expect(summaryOf()).toEqual({
      ...{ requests: 0, errors: 0, refused: 0, cancelled: 0, error_rate: null, refusal_rate: null },
      ...{ p95_ttft_ms: null, cost_usd: null, cost_per_request_usd: null },
    });
  });

  test("count each request as one thing, and each rate over what it can be of", () => {
    const failed = ended({ outcome: "error", status: 502, ttft_ms: null, cost_usd: null });
    const left = ended({ outcome: "cancelled", status: 499, ttft_ms: 9_000, cost_usd: 5 });
    expect(
      summaryOf(
        ended({ cost_usd: 0.1 }),
        ended({ cost_usd: 0.2 }),
        ended({ cost_usd: null }),
        failed,
        ended(limited),
        left,
      ),
    ).toEqual({
      ...{ requests: 6, errors: 1, refused: 1, cancelled: 1, error_rate: 0.25, refusal_rate: 0.2 },
      ...{ p95_ttft_ms: 400, cost_usd: 0.3, cost_per_request_usd: 0.15 },
    });
  });

  test.each<[string, Partial<Ended>, Partial<ReturnType<typeof summaryOf>>]>([
    ["a broken stream", { outcome: "error", status: 200, code: "network" }, { errors: 1 }],
    ["a failed chain", { outcome: "error", status: 504 }, { errors: 1 }],
    [
      "an error of our own",
      { outcome: "refused", status: 500, code: "internal_error" },
      { errors: 1, refused: 0 },
    ],
    ["a limit", limited, { errors: 0, refused: 1 }],
    [
      "nothing to serve with",
      { ...limited, status: 503, code: "no_target_available" },
      { errors: 0, refused: 1 },
    ],
    ["what the provider says is the caller's fault", { ...limited, status: 400 }, { errors: 0, refused: 1 }],
    ["a failure at a new endpoint", { attempts: [at("new", "server"), at("old", "ok")] }, { errors: 1 }],
    [
      "several of them",
      { attempts: [at("new", "server"), at("new", "timeout")], outcome: "error" },
      { errors: 1 },
    ],
    ["a failure at an old endpoint", { attempts: [at("old", "server"), at("new", "ok")] }, { errors: 0 }],
    [
      "a new endpoint's limit",
      { ...limited, attempts: [at("new", "rate_limited")] },
      { errors: 1, refused: 0 },
    ],
    [
      "a bad request to a new endpoint",
      { ...limited, status: 400, attempts: [at("new", "bad_request")] },
      { errors: 0, refused: 1 },
    ],
    [
      "a prompt too long for a new endpoint",
      { attempts: [at("new", "context_window"), at("old", "ok")] },
      { errors: 0 },
    ],
    [
      "a client that left a new endpoint",
      { outcome: "cancelled", attempts: [at("new", "server")] },
      { errors: 0, cancelled: 1 },
    ],
  ])("take %s for what it is", (_, row, figures) => {
    expect(summaryOf(ended(row))).toMatchObject({ requests: 1, ...figures });
  });
});
