import { ok, type Result } from "../../core/result.ts";
import type { EncodedRequest, UpstreamRequest } from "../../domain/adapter.ts";
import type { Templates } from "../../domain/service.ts";
import { openai } from "../openai.ts";
import { lossesOf } from "./losses.ts";
import { lastUserOf, messagesOf, promptOf, systemOf } from "./prompt.ts";
import { fillFields, namesIn } from "./template.ts";

/** The request in a private service's words, where it has its own; else in OpenAI's. */
export function encodeByTemplate(
  request: UpstreamRequest,
  { path, body }: Templates,
): Result<EncodedRequest, string> {
  const filledPath = path.replaceAll("{model}", encodeURIComponent(request.model));
  if (body === null) {
    const encoded = openai.encode(request);
    return encoded.ok ? ok({ ...encoded.value, path: filledPath }) : encoded;
  }
  const filled = fillFields(body, (name) => meaningOf(request, name));
  return ok({ path: filledPath, body: filled, losses: lossesOf(request, namesIn(body)) });
}

/** Names that stand for more than the field of the same name. */
const words: Readonly<Record<string, (request: UpstreamRequest) => unknown>> = {
  model: ({ model }) => model,
  prompt: ({ params }) => promptOf(messagesOf(params)),
  last_user: ({ params }) => lastUserOf(messagesOf(params)),
  system: ({ params }) => systemOf(messagesOf(params)),
  // Whether the service is to stream, which the gateway may know better than the client.
  stream: ({ stream, params }) => (stream || params["stream"] !== undefined ? stream : undefined),
  // Two names of one bound, of which clients send either.
  max_tokens: ({ params }) => params["max_tokens"] ?? params["max_completion_tokens"],
  max_completion_tokens: ({ params }) => params["max_completion_tokens"] ?? params["max_tokens"],
};

function meaningOf(request: UpstreamRequest, name: string): unknown {
  const word = Object.hasOwn(words, name) ? words[name] : undefined;
  if (word !== undefined) return word(request);
  return Object.hasOwn(request.params, name) ? request.params[name] : undefined;
}
