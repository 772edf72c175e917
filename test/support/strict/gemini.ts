import type { Received } from "../upstream.ts";
import { complain, must, readBody, type Wording } from "./complaint.ts";
import { camelCased, protoPath } from "./gemini/proto.ts";
import { holdToRules, isThree } from "./gemini/rules.ts";
import { type GenerateRequest, generateRequest, type Part } from "./gemini/shape.ts";
import type { Protocol } from "./mock.ts";
import { type Asked, inPieces, type Turn, tokens } from "./turn.ts";

const word: Wording = (path, issue) => {
  if (issue.code === "unrecognized_keys")
    return `Invalid JSON payload received. Unknown name "${issue.keys[0]}" at '${protoPath(path)}': Cannot find field.`;
  return issue.code === "invalid_type"
    ? `Invalid value at '${protoPath(path)}' (${issue.expected}), ${issue.message}`
    : `* GenerateContentRequest.${protoPath(path)}: ${issue.message}`;
};

const statuses: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
};

/** Google's generateContent, with a memory of the thoughts it signed. https://ai.google.dev/api/generate-content */
export function gemini(): Protocol {
  const issued = new Set<string>();
  const sign = (): string => {
    const signature = Buffer.from(`${issued.size}>?~ÿ thought`).toString("base64");
    issued.add(signature);
    return signature;
  };
  return {
    basePath: "/v1beta",
    read: (received) => {
      const { model, streamed } = checkAddress(received);
      const request = readBody(generateRequest, camelCased(received.body), word);
      holdToRules(model, request, issued);
      return askedOf(model, streamed, request);
    },
    whole: (turn, asked) => answer(asked, partsOf(turn, asked, sign), true),
    streamed: (turn, asked) => {
      const parts = partsOf(turn, asked, sign).flatMap(pieces);
      return parts
        .map((part, at) => `data: ${JSON.stringify(answer(asked, [part], at === parts.length - 1))}\r\n\r\n`)
        .join("");
    },
    error: (status, message) => ({
      error: { code: status, message, status: statuses[status] ?? "UNKNOWN" },
    }),
  };
}

function checkAddress({ path, headers }: Received): { readonly model: string; readonly streamed: boolean } {
  const [, model, method, query = ""] =
    /^\/v1beta\/models\/([^/:?]+):(generateContent|streamGenerateContent)(?:\?(.*))?$/.exec(path) ?? [];
  if (model === undefined) return complain(`${path.split("?")[0]} was not found`, 404);
  must(!new URLSearchParams(query).has("key"), "the key is in the address, where logs show it", 403);
  must((headers.get("x-goog-api-key") ?? "") !== "", "Method doesn't allow unregistered callers.", 403);
  const streamed = method === "streamGenerateContent";
  // Without it the answer is one JSON array.
  must(!streamed || query === "alt=sse", "a stream was asked for as a JSON array");
  return { model, streamed };
}

function askedOf(model: string, stream: boolean, request: GenerateRequest): Asked {
  const { contents, systemInstruction, tools = [], toolConfig, generationConfig } = request;
  const { mode, allowedFunctionNames } = toolConfig?.functionCallingConfig ?? {};
  const declared = tools.flatMap(({ functionDeclarations }) => functionDeclarations ?? []);
  const users = contents.filter(({ role }) => role !== "model");
  const thinking = generationConfig?.thinkingConfig;
  return {
    model,
    stream,
    system: textOf(systemInstruction?.parts),
    user: textOf(users.findLast(({ parts }) => parts.some(({ text }) => text !== undefined))?.parts),
    images: contents.flatMap(({ parts }) => parts).filter(isPicture).length,
    tools: mode === "NONE" ? [] : (allowedFunctionNames ?? declared.map(({ name }) => name)),
    results: (contents.at(-1)?.parts ?? []).flatMap(({ functionResponse: given }) =>
      given === undefined ? [] : JSON.stringify(given.response),
    ),
    schema: generationConfig?.responseJsonSchema ?? generationConfig?.responseSchema ?? null,
    thinking: thinking?.includeThoughts === true,
    stop: generationConfig?.stopSequences ?? [],
  };
}

const isPicture = ({ inlineData, fileData }: Part): boolean =>
  inlineData !== undefined || fileData !== undefined;

const textOf = (parts: readonly Part[] = []): string => parts.map(({ text = "" }) => text).join("");

/** The third generation signs always and gives calls ids; the one before signs when it thought, and gives none. */
function partsOf(
  { reasoning, text, calls = [] }: Turn,
  { model, thinking, tools }: Asked,
  sign: () => string,
): readonly Part[] {
  const signs = isThree(model) || (thinking && tools.length > 0);
  const signed = signs ? { thoughtSignature: sign() } : {};
  const thoughts = thinking && reasoning !== undefined ? [{ text: reasoning, thought: true }] : [];
  const said = text === undefined ? [] : [calls.length === 0 ? { text, ...signed } : { text }];
  const called = calls.map(({ name, arguments: args }, at) => ({
    functionCall: { ...(isThree(model) ? { id: `fc-${crypto.randomUUID()}` } : {}), name, args },
    ...(at === 0 ? signed : {}),
  }));
  return [...thoughts, ...said, ...called];
}

/** Text comes in pieces, a call whole, and a signature of text by itself at the end. */
function pieces(part: Part): readonly Part[] {
  const { text, thoughtSignature, ...rest } = part;
  if (text === undefined) return [part];
  const signature = thoughtSignature === undefined ? [] : [{ text: "", thoughtSignature }];
  return [...inPieces(text).map((piece) => ({ ...rest, text: piece })), ...signature];
}

const answer = ({ model }: Asked, parts: readonly Part[], last: boolean) => ({
  candidates: [{ content: { parts, role: "model" }, ...(last ? { finishReason: "STOP" } : {}), index: 0 }],
  usageMetadata: {
    promptTokenCount: tokens.prompt,
    candidatesTokenCount: tokens.completion,
    totalTokenCount: tokens.prompt + tokens.completion,
  },
  modelVersion: model,
  responseId: "response-1",
});
