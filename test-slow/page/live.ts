import OpenAI from "openai";
import { secrets } from "./routes.ts";

/** Traffic that goes on until it is stopped. */
export interface Live {
  readonly asked: () => number;
  /** Of each kind: `ok`, or the status of a refusal or failure. */
  readonly ended: () => Readonly<Record<string, number>>;
  readonly stop: () => Promise<void>;
}

const words = "Why does the parcel of our customer take so long, and what may we tell her about it? ";

/** A request of its kind: how often it comes, of a hundred, whose it is, and how much it says. */
const kinds = [
  { often: 26, key: "KEY_WEB", model: "chat", stream: true, times: 3, project: "site-search" },
  { often: 16, key: "KEY_WEB", model: "gpt-3.5-turbo", stream: true, times: 6, project: "site-search" },
  { often: 14, key: "KEY_WEB", model: "small", stream: false, times: 2, project: "site-search" },
  { often: 14, key: "KEY_DESK", model: "chat", stream: true, times: 300, project: "tickets" },
  { often: 8, key: "KEY_DESK", model: "translate", stream: false, times: 4, project: "tickets" },
  { often: 6, key: "KEY_DESK", model: "gpt-4", stream: false, times: 40, project: "tickets" },
  { often: 5, key: "KEY_WEB", model: "draft", stream: false, times: 1, project: "site-search" },
  { often: 8, key: "KEY_BATCH", model: "chat", stream: false, times: 300, project: "digest" },
  { often: 1, key: "KEY_WEB", model: "gpt-9", stream: false, times: 1, project: "site-search" },
  { often: 2, key: "KEY_WEB", model: "embed", stream: false, times: 2, project: "site-search" },
] as const;
type Kind = (typeof kinds)[number];

/** Asks by the OpenAI SDK, as clients do: several models and keys, streamed or not; some of it fails, some is refused. */
export function startLive(url: string, everyMs: number): Live {
  const clients = new Map(
    Object.entries(secrets).map(([name, apiKey]) => [
      name,
      new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0, timeout: 30_000 }),
    ]),
  );
  const ended: Record<string, number> = {};
  const under = new Set<Promise<void>>();
  let asked = 0;
  const one = async (kind: Kind): Promise<void> => {
    const client = clients.get(kind.key);
    if (client === undefined) return;
    const how = await ask(client, kind, asked).catch((error: unknown) => statusOf(error));
    ended[how] = (ended[how] ?? 0) + 1;
  };
  const timer = setInterval(() => {
    asked += 1;
    const going = one(drawn((asked * 37) % 100)).finally(() => under.delete(going));
    under.add(going);
  }, everyMs);
  return {
    asked: () => asked,
    ended: () => ended,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(under);
    },
  };
}

function drawn(of100: number): Kind {
  let upTo = 0;
  for (const kind of kinds) {
    upTo += kind.often;
    if (of100 < upTo) return kind;
  }
  return kinds[0];
}

async function ask(client: OpenAI, { model, stream, times, project }: Kind, index: number): Promise<string> {
  const options = { headers: { "x-project": project } };
  if (model === "embed") {
    await client.embeddings.create({ model, input: words }, options);
    return "ok";
  }
  const body = {
    model,
    user: `user-${index % 60}`,
    messages: [{ role: "user" as const, content: `${index} ${words.repeat(times)}` }],
  };
  if (stream) for await (const _ of await client.chat.completions.create({ ...body, stream }, options));
  else await client.chat.completions.create(body, options);
  return "ok";
}

const statusOf = (error: unknown): string =>
  error instanceof OpenAI.APIError && error.status !== undefined ? String(error.status) : "no answer";
