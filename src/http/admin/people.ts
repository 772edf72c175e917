import { Elysia } from "elysia";
import { err, ok } from "../../core/result.ts";
import { refuse } from "../../domain/refusal.ts";
import { type Disableable, disableableKinds } from "../../domain/route.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { boolean, type Check, fine, integer, optional, shortText, wrong } from "../../openai/shape.ts";
import type { Asked, Done } from "../../rollout/moves.ts";
import { unknownIn } from "../../rollout/names.ts";
import type { Rolling } from "../../rollout/open.ts";
import type { People } from "../../rollout/people.ts";
import { arrivalOf } from "../door.ts";
import { duration, durationIn, type Fields, invalid, numberIn, readFields, textIn } from "./fields.ts";
import { type AdminAnswer, type AdminFacts, guarded } from "./guard.ts";

/** What orders are given with. */
export interface PeopleSite {
  readonly gateway: Gateway;
  readonly admin: AdminFacts;
  readonly rolling: Rolling;
}

/** An order is a few words. */
const maxBytes = 16 * 1024;
const reason = optional(shortText(500));
const generation = optional(integer(1));
const name = shortText(256);
const kind: Check = (value, param) =>
  isKind(value) ? fine : wrong(param, disableableKinds.join(", "), value);
const isKind = (value: unknown): value is Disableable["kind"] =>
  disableableKinds.some((each) => each === value);

/** One order: the fields of its body besides `reason`, and how it is carried out. */
interface Order {
  readonly fields: Readonly<Record<string, Check>>;
  /** Why the thing that `name` names cannot be meant; null: it can. */
  readonly objection?: (site: PeopleSite, what: Disableable) => string | null;
  readonly perform: (people: People, asked: Asked, fields: Fields) => Promise<Done>;
}

const orders = {
  rollback: {
    fields: { to: generation },
    perform: (people, asked, fields) => people.rollback(asked, numberIn(fields, "to")),
  },
  promote: { fields: {}, perform: (people, asked) => people.promote(asked) },
  pin: {
    fields: { generation },
    perform: (people, asked, fields) => people.pin(asked, numberIn(fields, "generation")),
  },
  unpin: { fields: {}, perform: (people, asked) => people.unpin(asked) },
  suspend: {
    fields: { for: optional(duration) },
    perform: (people, asked, fields) => people.suspend(asked, durationIn(fields, "for")),
  },
  resume: { fields: {}, perform: (people, asked) => people.resume(asked) },
  sync: {
    fields: { force: optional(boolean) },
    perform: (people, asked, fields) => people.sync(asked, fields["force"] === true),
  },
  disable: {
    fields: { kind, name, for: optional(duration) },
    objection: ({ gateway }, what) => unknownIn(snapshotsOf(gateway), what),
    perform: (people, asked, fields) => people.disable(asked, thingIn(fields), durationIn(fields, "for")),
  },
  enable: {
    fields: { kind, name },
    // What the file has dropped since may be given back all the same.
    objection: ({ gateway, rolling }, what) =>
      rolling.orders.disabled(what, gateway.wire.clock.now()) === null
        ? unknownIn(snapshotsOf(gateway), what)
        : null,
    perform: (people, asked, fields) => people.enable(asked, thingIn(fields)),
  },
} as const satisfies Readonly<Record<string, Order>>;

/** POST /admin/api/rollback, promote, pin, unpin, suspend, resume, sync, disable, enable: `{message, status}`. */
export function people(site: PeopleSite) {
  const on =
    (order: Order) =>
    ({ request }: { readonly request: Request }) =>
      guarded(site.gateway, site.admin, request, answerTo(site, order));
  return new Elysia({ name: "people" })
    .post("/admin/api/rollback", on(orders.rollback), unread)
    .post("/admin/api/promote", on(orders.promote), unread)
    .post("/admin/api/pin", on(orders.pin), unread)
    .post("/admin/api/unpin", on(orders.unpin), unread)
    .post("/admin/api/suspend", on(orders.suspend), unread)
    .post("/admin/api/resume", on(orders.resume), unread)
    .post("/admin/api/sync", on(orders.sync), unread)
    .post("/admin/api/disable", on(orders.disable), unread)
    .post("/admin/api/enable", on(orders.enable), unread);
}

/** We read the body ourselves. */
const unread = { parse: "none" } as const;

const answerTo =
  (site: PeopleSite, { fields: checks, objection, perform }: Order): AdminAnswer =>
  async (request, _, who) => {
    const fields = await readFields(request, { ...checks, reason }, maxBytes);
    if (!fields.ok) return fields;
    const wrongName = objection?.(site, thingIn(fields.value)) ?? null;
    if (wrongName !== null) return err(invalid(wrongName, "name"));
    // A look at a repository may take longer than the server's own clock allows.
    arrivalOf(request).patient();
    const { rolling } = site;
    const done = await perform(rolling.people, askedIn(who, fields.value), fields.value);
    if (done.ok) return ok({ message: done.value, status: rolling.status() });
    const { kind: why, says } = done.error;
    return err(refuse(why === "unknown" ? "not_found" : "refused_by_state", says));
  };

/** Who asks, and the reason among the fields on one line. */
export function askedIn(who: string, fields: Fields): Asked {
  const given = textIn(fields, "reason").replace(/\s+/g, " ").trim();
  return { who, reason: given === "" ? "no reason given" : given };
}

const thingIn = (fields: Fields): Disableable => {
  const found = fields["kind"];
  return { kind: isKind(found) ? found : "provider", name: textIn(fields, "name") };
};

/** Every configuration that serves somebody. */
export const snapshotsOf = ({ pointer }: Gateway) =>
  [pointer.current(), pointer.canary()?.live].flatMap((live) => live?.snapshot ?? []);
