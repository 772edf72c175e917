import { isRecord } from "../../core/record.ts";
import { err, ok, type Result } from "../../core/result.ts";
import type { Decoded, EncodedRequest, UpstreamRequest } from "../../domain/adapter.ts";
import { failure } from "../../domain/failure.ts";
import type { Params } from "../../domain/snapshot.ts";
import { noUsage } from "../../domain/usage.ts";
import { inEncoding } from "../embedding.ts";
import type { Fields } from "../fields.ts";
import { Losses } from "../losses.ts";
import { decodeInput } from "../tokens.ts";
import { pathOf, resourceOf } from "./address.ts";
import { errorIn } from "./errors.ts";
import { usageOf } from "./usage.ts";

/** Fields of OpenAI's that are read, and Gemini's own by either spelling. */
const understood: Readonly<Record<string, string | null>> = {
  input: null,
  encoding_format: null,
  dimensions: "outputDimensionality",
  task_type: "taskType",
  taskType: "taskType",
  title: "title",
};

/**
 * Puts an embeddings request into the words of `embedContent`, a list of texts into those of `batchEmbedContents`. Gemini reads
 * no tokens of OpenAI's: they are sent as the text that they stand for. https://ai.google.dev/api/embeddings
 */
export function encodeEmbeddings({ params, model }: UpstreamRequest): Result<EncodedRequest, string> {
  const losses = new Losses();
  const input = decodeInput(params["input"], model);
  if (!input.ok) return err(`input: ${input.error}`);
  const options = optionsOf(params, losses);
  const contentOf = (text: unknown): Fields => ({
    model: resourceOf(model),
    content: { parts: [{ text }] },
    ...options,
  });
  return ok(
    Array.isArray(input.value)
      ? {
          path: pathOf(model, "batchEmbedContents"),
          body: { requests: input.value.map(contentOf) },
          losses: losses.all,
        }
      : { path: pathOf(model, "embedContent"), body: contentOf(input.value), losses: losses.all },
  );
}

function optionsOf(params: Params, losses: Losses): Fields {
  const options = new Map<string, unknown>();
  for (const [name, value] of Object.entries(params)) {
    if (value === null || value === undefined) continue;
    const theirs = Object.hasOwn(understood, name) ? understood[name] : undefined;
    if (theirs === undefined) losses.dropped(name, "Gemini has no counterpart", value);
    else if (theirs !== null) options.set(theirs, value);
  }
  return Object.fromEntries(options);
}

/** Reads the answer to either. Gemini counts no tokens of what it embeds, but newer models do. */
export function decodeEmbeddings(body: unknown, { params, model }: UpstreamRequest): Decoded {
  if (!isRecord(body)) return malformed("the answer is no JSON object");
  const error = errorIn(body);
  if (error !== null) return { ok: false, failure: error };
  const { embedding, embeddings } = body;
  const vectors = (Array.isArray(embeddings) ? embeddings : [embedding]).map(valuesOf);
  const { input } = params;
  // A list of numbers is one text, in tokens.
  const wanted = Array.isArray(input) && typeof input[0] !== "number" ? input.length : 1;
  if (vectors.length !== wanted) return malformed("the answer has not as many embeddings as there are texts");
  if (vectors.includes(null)) return malformed("an embedding of the answer has no values");
  const counted = usageOf(body["usageMetadata"], true);
  const usage = counted.prompt === null ? noUsage : { ...counted, completion: 0, total: counted.prompt };
  const tokens = usage.prompt ?? 0;
  return {
    ok: true,
    body: {
      object: "list",
      data: vectors.map((values, index) =>
        inEncoding({ object: "embedding", index, embedding: values }, params["encoding_format"]),
      ),
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    },
    usage,
    model: null,
  };
}

function valuesOf(embedding: unknown): readonly number[] | null {
  const values = isRecord(embedding) ? embedding["values"] : undefined;
  const isVector =
    Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === "number");
  return isVector ? values : null;
}

const malformed = (message: string): Decoded => ({ ok: false, failure: failure("malformed", message) });
