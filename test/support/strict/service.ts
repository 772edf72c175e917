import { complain, must } from "./complaint.ts";
import type { Protocol } from "./mock.ts";
import { openai } from "./openai.ts";

/** A private service: OpenAI's protocol behind a login, whose token alone it takes. */
export function service(): Protocol {
  const spoken = openai();
  const token = `token-${crypto.randomUUID()}`;
  return {
    ...spoken,
    aside: ({ path, body }) => {
      if (path !== "/v1/login") return null;
      must(body["user"] === "ann" && body["pass"] === "secret", "no such user", 403);
      return { data: { access_token: token } };
    },
    read: (received) => {
      if (received.headers.get("authorization") !== `Bearer ${token}`) complain("log in first", 401);
      return spoken.read(received);
    },
  };
}
