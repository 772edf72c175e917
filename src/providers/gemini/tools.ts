import { isRecord } from "../../core/record.ts";
import type { Params } from "../../domain/snapshot.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import type { ModelTraits } from "./model.ts";
import { parametersOf } from "./schema.ts";

/** What a model may call, and how free it is to. */
export interface Tooling {
  readonly tools: readonly Fields[];
  /** `functionCallingConfig`; null where the client said nothing, or there is nothing to call. */
  readonly calling: Fields | null;
  readonly hasFunctions: boolean;
}

/** Reads tools, `tool_choice` and `web_search_options`. https://ai.google.dev/gemini-api/docs/function-calling */
export function toolingOf(params: Params, traits: ModelTraits, losses: Losses): Tooling {
  const said = Array.isArray(params["tools"]) ? params["tools"].filter(isRecord) : [];
  const choice = choiceOf(params["tool_choice"], losses);
  const functions = said.flatMap((tool) => functionsIn(tool, traits, losses));
  const declared = functions.filter(({ name }) => choice.only === null || choice.only.has(name));
  const own = said.filter(isOwn);
  const search = searchOf(params["web_search_options"], declared.length > 0, traits, losses);
  const hasFunctions = declared.length > 0;
  if (hasFunctions) {
    const isSingle = params["parallel_tool_calls"] === false;
    losses.dropped("parallel_tool_calls", "Gemini calls as many as it likes", isSingle);
  }
  return {
    tools: [...(hasFunctions ? [{ functionDeclarations: declared }] : []), ...own, ...search],
    calling: hasFunctions ? choice.calling : null,
    hasFunctions: hasFunctions || own.some((tool) => tool["functionDeclarations"] !== undefined),
  };
}

function functionsIn(tool: Fields, traits: ModelTraits, losses: Losses): readonly Fields[] {
  const { function: called } = tool;
  if (isRecord(called)) return [declarationOf(called, traits, losses)];
  losses.dropped("tools", "Gemini knows functions only", !isOwn(tool), "tools[] of another type");
  return [];
}

function declarationOf(called: Fields, traits: ModelTraits, losses: Losses): Fields {
  const { name, description, parameters, strict } = called;
  losses.dropped("tools", "Gemini promises no strict calls", strict, "tools[].function.strict");
  return {
    name,
    ...(typeof description === "string" ? { description } : {}),
    ...parametersOf(parameters, traits, losses),
  };
}

/** A tool in Gemini's own words, as `{"google_search": {}}`: one field, no type. */
const isOwn = (tool: Fields): boolean =>
  tool["type"] === undefined && tool["function"] === undefined && Object.keys(tool).length > 0;

interface Choice {
  readonly calling: Fields | null;
  /** The functions that are to be declared; null for all. */
  readonly only: ReadonlySet<unknown> | null;
}

const modes: Readonly<Record<string, string>> = { auto: "AUTO", none: "NONE", required: "ANY", any: "ANY" };

const freely: Choice = { calling: null, only: null };

function choiceOf(wanted: unknown, losses: Losses): Choice {
  if (wanted === undefined || wanted === null) return freely;
  if (typeof wanted === "string" && Object.hasOwn(modes, wanted))
    return { calling: { mode: modes[wanted] }, only: null };
  if (isRecord(wanted)) {
    const { function: called, allowed_tools: allowed } = wanted;
    if (isRecord(called))
      return { calling: { mode: "ANY", allowedFunctionNames: [called["name"]] }, only: null };
    if (wanted["type"] === "allowed_tools") return allowedOf(isRecord(allowed) ? allowed : wanted);
  }
  losses.dropped("tool_choice", "Gemini knows no such choice", wanted);
  return freely;
}

/** OpenAI's `allowed_tools`: the others are as good as not there. */
function allowedOf({ mode, tools }: Fields): Choice {
  const named = Array.isArray(tools) ? tools.filter(isRecord) : [];
  const names = named.map(({ function: called, name }) => (isRecord(called) ? called["name"] : name));
  return { calling: { mode: mode === "required" ? "ANY" : "AUTO" }, only: new Set(names) };
}

/** OpenAI's search of the web as Google's. https://ai.google.dev/gemini-api/docs/google-search */
function searchOf(
  options: unknown,
  besideFunctions: boolean,
  traits: ModelTraits,
  losses: Losses,
): readonly Fields[] {
  if (!isRecord(options)) return [];
  if (besideFunctions) {
    losses.dropped("web_search_options", "Gemini does not search beside functions", options);
    return [];
  }
  for (const name of ["search_context_size", "user_location"])
    losses.dropped(
      "web_search_options",
      "Gemini's search has no such option",
      options[name],
      `web_search_options.${name}`,
    );
  return [
    traits.version !== null && traits.version < 2 ? { googleSearchRetrieval: {} } : { googleSearch: {} },
  ];
}
