/** The three kinds of work a client can ask for. */
export const endpoints = {
  chat: { path: "/chat/completions", object: "chat.completion", chunk: "chat.completion.chunk" },
  completions: { path: "/completions", object: "text_completion", chunk: "text_completion" },
  embeddings: { path: "/embeddings", object: "list", chunk: null },
} as const;

/** `chat`, `completions` or `embeddings`. */
export type Endpoint = keyof typeof endpoints;
