import { Elysia } from "elysia";
import { compile, type Given } from "../../config/compile.ts";
import type { Change } from "../../config/diff/change.ts";
import { testChanges } from "../../config/diff/guards.ts";
import { diff as changesBetween } from "../../config/diff.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { type Refusal, refuse } from "../../domain/refusal.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import type { StoredGeneration } from "../../rollout/generation.ts";
import { auditOf, detailOf, entryOf, textChanges } from "../../rollout/history.ts";
import type { Rolling } from "../../rollout/open.ts";
import type { ServedBy } from "../../rollout/served.ts";
import { countIn, invalid } from "./fields.ts";
import { type AdminAnswer, type AdminFacts, guarded } from "./guard.ts";

/** What generations are shown from. */
export interface GenerationsSite {
  readonly gateway: Gateway;
  readonly admin: AdminFacts;
  readonly rolling: Rolling;
  /** Requests that no checkpoint has counted yet. */
  readonly servedBy: Pick<ServedBy, "of">;
  /** What the meaning of a file depends on besides its text. */
  readonly drafting: Pick<Given, "engine" | "variables">;
}

/** GET /admin/api/status, history, generations/{n}, diff and audit: what serves, what served, and who did what. */
export function generations(site: GenerationsSite) {
  const { gateway, admin, rolling } = site;
  const { chronicle } = rolling.rollout;
  const answered =
    (answer: AdminAnswer) =>
    ({ request }: { readonly request: Request }) =>
      guarded(gateway, admin, request, answer);
  const status: AdminAnswer = async () => ok(rolling.status());
  const history: AdminAnswer = async ({ url }) => {
    const limit = countIn(url, "limit", 20, 200);
    if (limit === null) return err(invalid("limit has to be a whole number from 1 to 200.", "limit"));
    const rows = chronicle.history(limit);
    const ways = chronicle.ways(rows.at(-1)?.number ?? 0, rows[0]?.number ?? 0);
    return ok({
      generations: rows.map((row) => entryOf(row, site.servedBy.of(row.number), ways.get(row.number) ?? [])),
    });
  };
  const audit: AdminAnswer = async ({ url }) => {
    const limit = countIn(url, "limit", 100, 1_000);
    if (limit === null) return err(invalid("limit has to be a whole number from 1 to 1000.", "limit"));
    return ok({ entries: chronicle.audited(limit).map(auditOf) });
  };
  const single: AdminAnswer = async ({ url }) => {
    const found = generationAt(rolling, new URL(url).pathname.split("/").at(-1) ?? "");
    if (!found.ok) return found;
    const row = found.value;
    return ok(detailOf(row, site.servedBy.of(row.number), chronicle.steps(row.number)));
  };
  return new Elysia({ name: "generations" })
    .get("/admin/api/status", answered(status))
    .get("/admin/api/history", answered(history))
    .get("/admin/api/audit", answered(audit))
    .get(
      "/admin/api/diff",
      answered(async ({ url }) => compare(site, new URL(url).searchParams)),
    )
    .get("/admin/api/generations/:number", answered(single));
}

function generationAt({ rollout }: Rolling, text: string): Result<StoredGeneration, Refusal> {
  const row = /^[1-9]\d{0,8}$/.test(text) ? rollout.chronicle.recall(Number(text)) : null;
  return row === null
    ? err(refuse("not_found", `Generation ${text.slice(0, 20).replace(/[^\w.-]/g, "?")} is not kept.`))
    : ok(row);
}

/** What is not the same in two generations: by name where both still compile, and as texts. Without `to`: what serves. */
function compare({ rolling, drafting }: GenerationsSite, query: URLSearchParams): Result<object, Refusal> {
  const active = rolling.rollout.active?.number ?? 0;
  const before = generationAt(rolling, query.get("from") ?? "");
  const after = generationAt(rolling, query.get("to") ?? String(active));
  if (query.get("from") === null) return err(invalid("from has to be the number of a generation.", "from"));
  if (!before.ok) return before;
  if (!after.ok) return after;
  const changes = semantic(before.value, after.value, drafting);
  const files = textChanges(before.value, after.value);
  const hasChanges = changes === null ? files.length > 0 : changes.length > 0;
  return ok({
    ...{ from: before.value.number, to: after.value.number, has_changes: hasChanges },
    ...{ changes, files },
  });
}

/** Null where one of the two does not compile with this version. */
function semantic(from: StoredGeneration, to: StoredGeneration, given: Given): readonly Change[] | null {
  const [base, head] = [from, to].map(({ files }) => {
    const compiled = compile(files, { ...given, unset: "warning" });
    return compiled.ok ? { snapshot: compiled.snapshot, files } : null;
  });
  if (base == null || head == null) return null;
  return [...changesBetween(base, head), ...testChanges(from.tests, to.tests)];
}
