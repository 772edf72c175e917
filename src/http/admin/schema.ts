import { Elysia } from "elysia";
import { includedSchema, publishedSchema, testsSchema } from "../../config/schema/published.ts";
import { ok } from "../../core/result.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { type AdminFacts, guarded } from "./guard.ts";

/** GET /admin/api/schema: the JSON Schemas of the root file, of included ones and of the tests, as this version reads them. */
export const schema = ({ gateway, admin }: { readonly gateway: Gateway; readonly admin: AdminFacts }) =>
  new Elysia({ name: "schema" }).get("/admin/api/schema", ({ request }) =>
    guarded(gateway, admin, request, async () =>
      ok({ root: publishedSchema(), included: includedSchema(), tests: testsSchema() }),
    ),
  );
