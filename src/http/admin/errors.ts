import { Elysia } from "elysia";
import { err, ok } from "../../core/result.ts";
import { refuse } from "../../domain/refusal.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { parseErrors } from "../../metrics/errors_query.ts";
import type { Journal } from "../../metrics/journal.ts";
import type { BadQuery } from "../../metrics/window.ts";
import { type AdminFacts, guarded } from "./guard.ts";

/** What errors are told from. */
export interface ErrorsFacts {
  readonly gateway: Gateway;
  readonly admin: AdminFacts;
  readonly metrics: { readonly journal: Pick<Journal, "errors"> };
}

/** GET /admin/api/errors: the latest failed and refused requests, each with its attempts, and counts by rule and provider. */
export function errors({ gateway, admin, metrics }: ErrorsFacts) {
  return new Elysia({ name: "errors" }).get("/admin/api/errors", ({ request }) =>
    guarded(gateway, admin, request, async ({ url }) => {
      const query = parseErrors(new URL(url).searchParams, gateway.wire.clock.now());
      if (!query.ok) return err(refusalFor(query.error));
      const report = await metrics.journal.errors(query.value);
      return report.ok ? ok(report.value) : err(refusalFor(report.error));
    }),
  );
}

const refusalFor = ({ param, message }: BadQuery) =>
  refuse(param === null ? "internal_error" : "invalid_request", message, { param });
