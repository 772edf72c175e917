import { describe, expect, test } from "bun:test";
import { asked } from "./encode.ts";

const named = (name: string, parameters?: object, more: object = {}) => ({
  type: "function",
  function: {
    name,
    description: `does ${name}`,
    ...(parameters === undefined ? {} : { parameters }),
    ...more,
  },
});
const two = [named("f"), named("g")];

describe("tools in Gemini's words", () => {
  test("are declared together", () => {
    const parameters = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
    expect(asked({ tools: [named("f", parameters), named("g")] }).body["tools"]).toEqual([
      {
        functionDeclarations: [
          { name: "f", description: "does f", parameters },
          { name: "g", description: "does g" },
        ],
      },
    ]);
  });

  test.each<[unknown, object]>([
    ["auto", { mode: "AUTO" }],
    ["none", { mode: "NONE" }],
    ["required", { mode: "ANY" }],
    [
      { type: "function", function: { name: "g" } },
      { mode: "ANY", allowedFunctionNames: ["g"] },
    ],
  ])("may be chosen from as tool_choice %j says", (choice, functionCallingConfig) => {
    const { body, warnings } = asked({ tools: two, tool_choice: choice });
    expect({ config: body["toolConfig"], warnings }).toEqual({
      config: { functionCallingConfig },
      warnings: [],
    });
  });

  test.each(["auto", "required"])("are no more than those allowed, mode %s", (mode) => {
    const allowed = { mode, tools: [{ type: "function", function: { name: "g" } }] };
    const { body } = asked({ tools: two, tool_choice: { type: "allowed_tools", allowed_tools: allowed } });
    expect(body).toMatchObject({
      tools: [{ functionDeclarations: [{ name: "g" }] }],
      toolConfig: { functionCallingConfig: { mode: mode === "auto" ? "AUTO" : "ANY" } },
    });
  });

  test("are not chosen from where there are none", () => {
    expect(Object.keys(asked({ tool_choice: "required", tools: [] }).body)).toEqual(["contents"]);
  });

  test("include Google's own, and its search for OpenAI's", () => {
    expect(asked({ tools: [{ url_context: {} }] }).body["tools"]).toEqual([{ url_context: {} }]);
    expect(asked({ web_search_options: {} }).body["tools"]).toEqual([{ googleSearch: {} }]);
    expect(asked({ web_search_options: {} }, "gemini-1.5-pro").body["tools"]).toEqual([
      { googleSearchRetrieval: {} },
    ]);
  });

  test("lose by name what cannot be carried", () => {
    const params = {
      tools: [named("f", undefined, { strict: true }), { type: "custom", custom: { name: "c" } }],
      parallel_tool_calls: false,
      web_search_options: { search_context_size: "low" },
      tool_choice: { type: "custom", custom: { name: "c" } },
    };
    const { body, warnings } = asked(params);
    expect(body["tools"]).toEqual([{ functionDeclarations: [{ name: "f", description: "does f" }] }]);
    expect(warnings).toEqual([
      "tool_choice dropped: Gemini knows no such choice",
      "tools[].function.strict dropped: Gemini promises no strict calls",
      "tools[] of another type dropped: Gemini knows functions only",
      "web_search_options dropped: Gemini does not search beside functions",
      "parallel_tool_calls dropped: Gemini calls as many as it likes",
    ]);
    expect(asked({ web_search_options: { user_location: {}, search_context_size: "low" } }).warnings).toEqual(
      [
        "web_search_options.search_context_size dropped: Gemini's search has no such option",
        "web_search_options.user_location dropped: Gemini's search has no such option",
      ],
    );
  });
});
