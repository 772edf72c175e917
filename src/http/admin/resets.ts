import { Elysia } from "elysia";
import { didYouMean, suggest } from "../../config/suggest.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { counted, type LimitScope } from "../../domain/limits.ts";
import { type Refusal, refuse } from "../../domain/refusal.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { readJson } from "../../gateway/request/body.ts";
import { type Check, fine, optional, shortText, wrong } from "../../openai/shape.ts";
import { type Done, refusedBy } from "../../rollout/moves.ts";
import { unknownIn } from "../../rollout/names.ts";
import type { Rolling } from "../../rollout/open.ts";
import { rulesOf, type ScopedRule } from "../../routing/rules.ts";
import type { Known } from "../../simulate/world.ts";
import { checkFields, type Fields, invalid, textIn } from "./fields.ts";
import { type AdminAnswer, type AdminFacts, guarded } from "./guard.ts";
import { askedIn, snapshotsOf } from "./people.ts";

/** What is reset, and whom it is told. */
export interface ResetsSite {
  readonly gateway: Gateway;
  readonly admin: AdminFacts;
  readonly known: Known;
  readonly rolling: Rolling;
}

/** POST /admin/api/reset: forgets what counts against one limit, or closes a circuit; recorded with who and why. */
export const resets = (site: ResetsSite) =>
  new Elysia({ name: "resets" }).post(
    "/admin/api/reset",
    ({ request }) => guarded(site.gateway, site.admin, request, answerTo(site)),
    { parse: "none" },
  );

/** A reset is a few words. */
const maxBytes = 16 * 1024;
const name = shortText(512);
const reason = optional(shortText(500));
const oneOf =
  (words: readonly string[]): Check =>
  (value, param) =>
    words.some((word) => word === value) ? fine : wrong(param, `one of ${words.join(", ")}`, value);
const scopes = ["key", "team", "provider", "api_key", "upstream_model", "target"] satisfies LimitScope[];

/** What can be reset: how it is named, and what is done. An error of `means` says that there is no such thing. */
interface Resettable {
  readonly fields: Readonly<Record<string, Check>>;
  readonly means: (site: ResetsSite, fields: Fields) => Result<() => Done, Refusal>;
}

const kinds: Readonly<Record<string, Resettable>> = {
  limit: { fields: { scope: oneOf(scopes), name, limit: oneOf(Object.keys(counted)) }, means: limitIn },
  circuit: { fields: { provider: name, model: name }, means: circuitIn },
};

const answerTo =
  (site: ResetsSite): AdminAnswer =>
  async (request, _, who) => {
    const body = await readJson(request, maxBytes);
    if (!body.ok) return body;
    const { kind } = body.value.value;
    const meant = typeof kind === "string" && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (meant === undefined) return err(invalid("kind has to be limit or circuit.", "kind"));
    const fields = checkFields(body.value.value, { kind: () => fine, ...meant.fields, reason });
    if (!fields.ok) return fields;
    const forget = meant.means(site, fields.value);
    if (!forget.ok) return forget;
    const { reason: _reason, ...what } = fields.value;
    const done = await site.rolling.people.reset(askedIn(who, fields.value), what, forget.value);
    return done.ok ? ok({ message: done.value }) : err(refuse("refused_by_state", done.error.says));
  };

function limitIn({ gateway, known }: ResetsSite, fields: Fields): Result<() => Done, Refusal> {
  const [scope, of, limit] = ["scope", "name", "limit"].map((field) => textIn(fields, field));
  const ofScope = snapshotsOf(gateway)
    .flatMap(rulesOf)
    .filter((rule) => rule.scope === scope);
  const found = ofScope.find((rule) => rule.name === of && rule.rule.limit === limit);
  if (found !== undefined) return ok(() => forgetLimit(known, found, gateway.wire.clock.now()));
  const said = `No configuration that serves has ${limit} of ${scope} ${JSON.stringify(of)}.`;
  const names = ofScope.filter(({ rule }) => rule.limit === limit).map((rule) => rule.name);
  return err(invalid(said + didYouMean(suggest(of ?? "", names)), "name"));
}

function forgetLimit({ ledger }: Known, scoped: ScopedRule, now: number): Done {
  const { scope, name: of, rule } = scoped;
  const { kind, says } = counted[rule.limit];
  const what = `${says} of ${scope.replace("_", " ")} ${of}`;
  if (kind === "ceiling") return refusedBy(`The ${what} are bounded one by one: nothing counts to be reset.`);
  if (kind === "level")
    return refusedBy(`The ${what} are what is under way: they end by themselves, and cannot be reset.`);
  return ledger.reset({ scope, name: of, limit: rule.limit }, now)
    ? ok(`The ${what} count from zero again.`)
    : refusedBy(`Nothing counts against the ${what} now.`);
}

function circuitIn({ gateway, known }: ResetsSite, fields: Fields): Result<() => Done, Refusal> {
  const [provider, upstream] = [textIn(fields, "provider"), textIn(fields, "model")];
  const unknown = unknownIn(snapshotsOf(gateway), { kind: "provider", name: provider });
  if (unknown !== null) return err(invalid(unknown, "provider"));
  return ok(() => {
    return known.health.reset({ provider, upstream }, gateway.wire.clock.now())
      ? ok(`The circuit of ${provider}/${upstream} is closed.`)
      : refusedBy(`No circuit of ${provider}/${upstream} is open.`);
  });
}
