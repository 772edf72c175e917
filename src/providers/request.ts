import type { Adapter } from "../domain/adapter.ts";
import { openAiPlaces, type Templates } from "../domain/service.ts";
import type { Provider } from "../domain/snapshot.ts";
import { decodeError, failureOf } from "./failures.ts";
import { hideMemory } from "./machine.ts";
import { openai } from "./openai.ts";
import { decodeByTemplate, saidAt } from "./request/answer.ts";
import { encodeByTemplate } from "./request/encode.ts";
import { textMachine } from "./request/stream.ts";
import { namesIn } from "./request/template.ts";

/** A private service: OpenAI's wire format, bytes passed through, or whatever the templates of the file say. Those are for chat. */
export const request: Adapter = {
  serves: (endpoint, provider) => endpoint === "chat" || templatesOf(provider) === null,
  streams: (_, provider) => streams(templatesOf(provider)),
  apiKeyHeader: openai.apiKeyHeader,
  encode: (asked) => {
    const templates = templatesOf(asked.provider);
    return templates === null ? openai.encode(asked) : encodeByTemplate(asked, templates);
  },
  decode: (body, asked) => {
    const answer = templatesOf(asked.provider)?.answer ?? null;
    return answer === null ? openai.decode(body, asked) : decodeByTemplate(body, asked, answer);
  },
  decodeError: (status, body, _, asked) => {
    const pointer = asked === undefined ? null : (templatesOf(asked.provider)?.answer?.error ?? null);
    const said = pointer === null ? null : saidAt(parsed(body), pointer);
    return said === null ? decodeError(status, body) : failureOf(status, said);
  },
  stream: (asked) => {
    const { stream = null, answer = null } = templatesOf(asked.provider) ?? {};
    return stream === null
      ? openai.stream(asked)
      : hideMemory(textMachine(asked, stream, answer ?? openAiPlaces.answer));
  },
};

const templatesOf = ({ service }: Provider): Templates | null => service?.templates ?? null;

/** It streams where the file says how, or where its answers are OpenAI's and it is told what the client wants. */
function streams(templates: Templates | null): boolean {
  if (templates === null || templates.stream !== null) return true;
  const { body, answer } = templates;
  return answer === null && (body === null || namesIn(body).has("stream"));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
