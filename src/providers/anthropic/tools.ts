import { isRecord } from "../../core/record.ts";
import type { Params } from "../../domain/snapshot.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import { cacheControl } from "./content.ts";
import type { ModelTraits } from "./model.ts";
import { strictSchema } from "./schema.ts";
import type { Turn } from "./turns.ts";

/** The tools of a request and how free the model is to use them; null where the client said nothing. */
export interface Tooling {
  readonly tools: readonly Fields[];
  readonly choice: Fields | null;
}

/** Reads tools and `tool_choice`. https://docs.claude.com/en/docs/agents-and-tools/tool-use/implement-tool-use */
export function toolingOf(
  params: Params,
  turns: readonly Turn[],
  traits: ModelTraits,
  losses: Losses,
): Tooling {
  const declared = [...toolsIn(params["tools"], traits, losses), ...searchTool(params["web_search_options"])];
  // A conversation with calls in it is refused without tools; declared again, they cannot be called.
  if (declared.length === 0) {
    const called = calledIn(turns);
    return called.length === 0 ? { tools: [], choice: null } : { tools: called, choice: { type: "none" } };
  }
  const wanted = params["tool_choice"];
  const allowed = isRecord(wanted) && wanted["type"] === "allowed_tools" ? allowedIn(wanted) : null;
  const tools = allowed === null ? declared : declared.filter((tool) => allowed.names.has(tool["name"]));
  const choice = choiceOf(allowed === null ? wanted : allowed.mode, losses);
  if (params["parallel_tool_calls"] !== false || choice?.["type"] === "none") return { tools, choice };
  return { tools, choice: { ...(choice ?? { type: "auto" }), disable_parallel_tool_use: true } };
}

/** Whether the model may do nothing but call a tool. */
export const isForced = ({ choice }: Tooling): boolean =>
  choice?.["type"] === "any" || choice?.["type"] === "tool";

function toolsIn(said: unknown, traits: ModelTraits, losses: Losses): readonly Fields[] {
  const tools = Array.isArray(said) ? said.filter(isRecord) : [];
  return tools.flatMap((tool) => {
    if (tool["type"] === "function") {
      const called = tool["function"];
      return isRecord(called) ? [functionTool(called, tool, traits, losses)] : [];
    }
    // Tools that Anthropic runs itself, by its own names, from clients that know them.
    if (typeof tool["name"] === "string" && tool["type"] !== "custom") return [tool];
    losses.dropped("tools", "Anthropic knows functions only", true, "tools[] of another type");
    return [];
  });
}

function functionTool(called: Fields, tool: Fields, traits: ModelTraits, losses: Losses): Fields {
  const { name, description } = called;
  const schema = inputSchema(called["parameters"]);
  const isStrict = called["strict"] === true && traits.structured;
  if (!isStrict)
    losses.dropped(
      "tools",
      "this model holds calls to no schema",
      called["strict"],
      "tools[].function.strict",
    );
  return {
    name,
    ...(typeof description === "string" ? { description } : {}),
    input_schema: isStrict ? strictSchema(schema, "tools", "tools[].function.parameters", losses) : schema,
    ...(isStrict ? { strict: true } : {}),
    ...cacheControl(tool),
    ...cacheControl(called),
  };
}

/** OpenAI's search of the web, as the tool that Anthropic runs itself. https://docs.claude.com/en/docs/agents-and-tools/tool-use/web-search-tool */
function searchTool(options: unknown): readonly Fields[] {
  if (!isRecord(options)) return [];
  const place = isRecord(options["user_location"]) ? options["user_location"]["approximate"] : undefined;
  const location = isRecord(place) ? { user_location: { type: "approximate", ...place } } : {};
  return [{ type: "web_search_20250305", name: "web_search", ...location }];
}

/** The schema of an input has to be of an object. */
const inputSchema = (schema: unknown): Fields =>
  isRecord(schema)
    ? schema["type"] === "object"
      ? schema
      : { ...schema, type: "object" }
    : { type: "object", properties: {} };

function choiceOf(wanted: unknown, losses: Losses): Fields | null {
  if (wanted === undefined || wanted === null) return null;
  if (wanted === "auto" || wanted === "none") return { type: wanted };
  if (wanted === "required" || wanted === "any") return { type: "any" };
  if (isRecord(wanted) && isRecord(wanted["function"]))
    return { type: "tool", name: wanted["function"]["name"] };
  losses.dropped("tool_choice", "Anthropic knows no such choice", wanted);
  return null;
}

/** OpenAI's `allowed_tools`: some of the tools, and whether one of them has to be called. */
function allowedIn(wanted: Fields): { readonly names: ReadonlySet<unknown>; readonly mode: unknown } {
  const { mode, tools } = isRecord(wanted["allowed_tools"]) ? wanted["allowed_tools"] : wanted;
  const named = Array.isArray(tools) ? tools.filter(isRecord) : [];
  const names = named.map((tool) => (isRecord(tool["function"]) ? tool["function"]["name"] : tool["name"]));
  return { names: new Set(names), mode };
}

function calledIn(turns: readonly Turn[]): readonly Fields[] {
  const uses = turns.flatMap(({ blocks }) => blocks.filter((block) => block["type"] === "tool_use"));
  const names = new Set(uses.map((use) => use["name"]));
  return [...names].map((name) => ({ name, input_schema: { type: "object" } }));
}
