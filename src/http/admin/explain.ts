import { Elysia } from "elysia";
import { err, ok } from "../../core/result.ts";
import { refuse } from "../../domain/refusal.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { readJson } from "../../gateway/request/body.ts";
import { VirtualClock } from "../../simulate/clock.ts";
import { readQuestion, sayMistake } from "../../simulate/explain/read.ts";
import { explain as explainIn } from "../../simulate/explain.ts";
import { type Known, worldOf } from "../../simulate/world.ts";
import { type AdminAnswer, type AdminFacts, guarded } from "./guard.ts";

/** A question is a few words. */
const maxBytes = 64 * 1024;

/** POST /admin/api/explain: why a request would go where it goes now, with the live figures, step by step. Calls nobody. */
export function explain({
  gateway,
  admin,
  known,
}: {
  readonly gateway: Gateway;
  readonly admin: AdminFacts;
  readonly known: Known;
}) {
  const answer: AdminAnswer = async (request, { snapshot }) => {
    const body = await readJson(request, maxBytes);
    if (!body.ok) return body;
    const question = readQuestion(snapshot, body.value.value);
    if (!question.ok) {
      const { param } = question.error;
      return err(refuse("invalid_request", sayMistake(question.error), { param }));
    }
    const clock = new VirtualClock(gateway.wire.clock.now());
    const world = worldOf(snapshot, { clock, overrides: gateway.state.disabled, known: copyOf(known) });
    return ok(await explainIn(world, question.value));
  };
  return new Elysia({ name: "explain" }).post(
    "/admin/api/explain",
    ({ request }) => guarded(gateway, admin, request, answer),
    { parse: "none" },
  );
}

/** Nothing of the live figures is changed by trying things out on these. */
const copyOf = ({ ledger, health, lessons, vault }: Known): Known => ({
  ledger: ledger.copy(),
  health: health.copy(),
  lessons: lessons.copy(),
  vault,
});
