import { Elysia } from "elysia";
import type { SourceFile } from "../../config/source_file.ts";
import { err, ok } from "../../core/result.ts";
import { refuse } from "../../domain/refusal.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import type { Serving } from "../../rollout/deployment.ts";
import { shaOf } from "../../rollout/generation.ts";
import { type AdminFacts, guarded } from "./guard.ts";

/** Asked anew at each look: what serves everybody, with its bytes. */
export type Running = () => Serving | null;

/**
 * GET /admin/api/config: the texts that the running generation was made of, root file first, and the tests beside it. They
 * hold references and no secret: a file with one does not compile.
 */
export const runningConfig = ({
  gateway,
  admin,
  running,
}: {
  readonly gateway: Gateway;
  readonly admin: AdminFacts;
  readonly running: Running;
}) =>
  new Elysia({ name: "running_config" }).get("/admin/api/config", ({ request }) =>
    guarded(gateway, admin, request, async () => {
      const serving = running();
      return serving === null
        ? err(refuse("draining", "No generation serves at this moment."))
        : ok(textsOf(serving));
    }),
  );

const textsOf = ({ generation, row }: Serving) => ({
  generation: generation.number,
  digest: generation.snapshot.digest,
  git_sha: shaOf(generation.origin),
  files: row.files.map(textOf),
  tests: row.tests === null ? null : textOf(row.tests),
});

/** What compiled is UTF-8. */
const textOf = ({ name, bytes }: SourceFile) => ({ name, text: new TextDecoder().decode(bytes) });
