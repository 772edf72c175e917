import { Type } from "@sinclair/typebox";
import { access } from "./common.ts";
import {
  clientSecret,
  date,
  labels,
  mapping,
  name,
  named,
  namePattern,
  oneOf,
  oneOrMore,
  text,
} from "./words.ts";

const team = mapping(access(), "Rules that all keys of the team must satisfy besides their own.");

const keyWith = (roles: readonly ("client" | "viewer" | "admin")[]) =>
  mapping(
    {
      id: name(),
      secret: oneOrMore(clientSecret(), "Where the key is found; a list while it is being rotated."),
      team: Type.Optional(name()),
      role: Type.Optional(
        oneOf(roles, { description: "client calls models, viewer reads metrics, admin also rules." }),
      ),
      ...access(),
      expires: Type.Optional(date()),
      labels: Type.Optional(labels()),
    },
    "One client of the gateway.",
  );

const authWith = (key: ReturnType<typeof keyWith>) =>
  mapping(
    {
      teams: Type.Optional(named(namePattern, "a name of letters, digits and . _ -", team)),
      keys: Type.Optional(Type.Array(key)),
    },
    "Who may call. Without keys everybody may, on a loopback address only.",
  );

/** `auth` of the root file. */
export const auth = authWith(keyWith(["client", "viewer", "admin"]));
/** `auth` of an included file: a team may not make itself admin. */
export const includedAuth = authWith(keyWith(["client"]));

const source = text(
  "^(header:[A-Za-z0-9!#$%&'*+.^_`|~-]+|body:[A-Za-z0-9_.-]+)$",
  "header:NAME or body:FIELD",
);
export const attribution = mapping(
  {
    user: Type.Optional(
      oneOrMore(source, "Where the end user's name is found; the first that is there counts. Stored hashed."),
    ),
    labels: Type.Optional(named(namePattern, "a name of letters, digits and . _ -", oneOrMore(source))),
  },
  "What is kept with each request, for group_by.",
);
