import { isRecord } from "../../core/record.ts";
import type { UpstreamRequest } from "../../domain/adapter.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import { traitsOf } from "./model.ts";
import { strictSchema } from "./schema.ts";
import type { Tooling } from "./tools.ts";

/** The tool whose input is the answer, with models that cannot be held to a schema in another way. */
export const jsonTool = "json_answer";

/** How a JSON answer is asked for: by the API's own means, by a tool, or in words. */
export interface Format {
  /** `output_config.format`. */
  readonly output: Fields | null;
  readonly tooling: Tooling;
  /** A sentence for the system prompt. */
  readonly instruction: string | null;
}

/** Whether the input of {@link jsonTool} is the answer to this request. */
export const answersByTool = ({ params, model }: UpstreamRequest): boolean =>
  schemaIn(params["response_format"]) !== null && !traitsOf(model).structured;

/** Reads `response_format`. https://docs.claude.com/en/docs/build-with-claude/structured-outputs */
export function formatOf(request: UpstreamRequest, tooling: Tooling, losses: Losses): Format {
  const wanted = request.params["response_format"];
  const schema = schemaIn(wanted);
  if (schema !== null) {
    if (answersByTool(request))
      return { output: null, tooling: withJsonTool(tooling, schema), instruction: null };
    return {
      output: {
        type: "json_schema",
        schema: strictSchema(schema, "response_format", "response_format.json_schema.schema", losses),
      },
      tooling,
      instruction: null,
    };
  }
  if (!isRecord(wanted) || wanted["type"] !== "json_object")
    return { output: null, tooling, instruction: null };
  losses.say(
    "response_format",
    "response_format json_object is asked for in words: Anthropic has no such mode",
  );
  const instruction = "Answer with one JSON object and nothing else: no prose around it, no code fence.";
  return { output: null, tooling, instruction };
}

function schemaIn(wanted: unknown): Fields | null {
  if (!isRecord(wanted) || wanted["type"] !== "json_schema" || !isRecord(wanted["json_schema"])) return null;
  const { schema } = wanted["json_schema"];
  return isRecord(schema) ? schema : null;
}

/** With other tools beside it the model may call those first; in the end it has to call something. */
function withJsonTool({ tools }: Tooling, schema: Fields): Tooling {
  const description = "Gives the final answer to the user. Its input is the whole answer.";
  // An input is an object: an answer that is none travels inside one.
  const tool = { name: jsonTool, description, input_schema: { ...schema, type: "object" } };
  const choice = tools.length === 0 ? { type: "tool", name: jsonTool } : { type: "any" };
  return { tools: [...tools, tool], choice };
}
