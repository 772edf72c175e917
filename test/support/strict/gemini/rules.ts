import { must } from "../complaint.ts";
import { checkSchema } from "./schema.ts";
import type { Content, GenerateRequest, Part } from "./shape.ts";

/** Said instead of a signature where there is none. https://ai.google.dev/gemini-api/docs/thought-signatures */
const skip = "skip_thought_signature_validator";

/** Holds a request of the right shape to what no shape can say; `issued` are the signatures given out. */
export function holdToRules(model: string, request: GenerateRequest, issued: ReadonlySet<string>): void {
  checkContents(request);
  checkOrder(request.contents);
  checkSignatures(request.contents, issued);
  if (isThree(model)) checkCallsSigned(request.contents);
  checkTools(model, request);
  checkGeneration(model, request);
}

/** Whether a model is of the third generation, which holds calls to their signatures. */
export const isThree = (model: string): boolean => model.startsWith("gemini-3");

const fields = [
  "text",
  "inlineData",
  "fileData",
  "functionCall",
  "functionResponse",
  "executableCode",
  "codeExecutionResult",
] as const;

function checkContents({ contents, systemInstruction }: GenerateRequest): void {
  const all = [
    ...contents.map(({ parts }, at) => ({ where: `contents[${at}]`, parts })),
    ...(systemInstruction === undefined
      ? []
      : [{ where: "system_instruction", parts: systemInstruction.parts }]),
  ];
  for (const { where, parts } of all) {
    must(parts.length > 0, `* GenerateContentRequest.${where}.parts: contents.parts must not be empty.`);
    for (const [at, part] of parts.entries()) {
      const set = fields.filter((name) => part[name] !== undefined);
      must(
        set.length > 0,
        `* GenerateContentRequest.${where}.parts[${at}].data: required oneof field 'data' must have one initialized field`,
      );
      must(
        set.length < 2,
        `Invalid value at '${where}.parts[${at}]' (oneof), oneof field 'data' is already set. Cannot set '${set[1]}'`,
      );
    }
  }
}

const callsIn = (content: Content | undefined): readonly Part[] =>
  (content?.parts ?? []).filter(({ functionCall }) => functionCall !== undefined);
const responsesIn = (content: Content | undefined): readonly Part[] =>
  (content?.parts ?? []).filter(({ functionResponse }) => functionResponse !== undefined);

/** Calls come after what is not the model's, and their results right after them, one each. */
function checkOrder(contents: readonly Content[]): void {
  for (const [at, content] of contents.entries()) {
    const calls = callsIn(content);
    const responses = responsesIn(content);
    const before = contents[at - 1];
    must(
      calls.length === 0 || content.role === "model",
      "Please ensure that function calls are in a model turn.",
    );
    must(
      responses.length === 0 || content.role !== "model",
      "Please ensure that function responses are in a user turn.",
    );
    must(
      calls.length === 0 || (before !== undefined && before.role !== "model"),
      "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
    );
    const asked = callsIn(before).map(({ functionCall }) => functionCall);
    must(
      responses.length === 0 || asked.length > 0,
      "Please ensure that function response turn comes immediately after a function call turn.",
    );
    must(
      asked.length === responses.length,
      "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
    );
    for (const { functionResponse: given } of responses)
      must(
        asked.some(
          (call) => call?.name === given?.name && (call?.id ?? given?.id) === (given?.id ?? call?.id),
        ),
        `Please ensure that function response '${given?.name}' matches a function call.`,
      );
  }
  must(
    callsIn(contents.at(-1)).length === 0,
    "Please ensure that function call turns are followed by function response turns.",
  );
}

function checkSignatures(contents: readonly Content[], issued: ReadonlySet<string>): void {
  for (const { thoughtSignature: signature } of contents.flatMap(({ parts }) => parts))
    must(
      signature === undefined || signature === skip || issued.has(signature),
      "Thought signature is not valid.",
    );
}

/** In the current turn, which begins with the user's last text, the first call of each step has to be signed. */
function checkCallsSigned(contents: readonly Content[]): void {
  const start = contents.findLastIndex(
    (content) => content.role !== "model" && responsesIn(content).length === 0,
  );
  for (const [at, content] of contents.entries()) {
    const [first] = callsIn(content);
    must(
      at < start || first === undefined || first.thoughtSignature !== undefined,
      `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${first?.functionCall?.name}\`, position ${at + 1}.`,
    );
  }
}

function checkTools(model: string, { tools = [], toolConfig, generationConfig }: GenerateRequest): void {
  const declarations = tools.flatMap(({ functionDeclarations }) => functionDeclarations ?? []);
  const names = declarations.map(({ name }) => name);
  must(new Set(names).size === names.length, "Duplicate function declaration found.");
  for (const [at, { parameters, parametersJsonSchema }] of declarations.entries()) {
    const where = `GenerateContentRequest.tools[0].function_declarations[${at}].parameters`;
    must(
      parameters === undefined || parametersJsonSchema === undefined,
      `* ${where}: parameters and parameters_json_schema are exclusive`,
    );
    if (parameters !== undefined) checkSchema(parameters, where);
  }
  const { mode = "AUTO", allowedFunctionNames: allowed } = toolConfig?.functionCallingConfig ?? {};
  must(
    allowed === undefined || mode === "ANY" || mode === "VALIDATED",
    "Function calling config allowed_function_names should be set only when mode is ANY or VALIDATED.",
  );
  for (const name of allowed ?? [])
    must(names.includes(name), `allowed_function_names: '${name}' is not declared.`);
  must(
    mode !== "ANY" || declarations.length > 0,
    "Function calling mode is set to ANY but function_declarations are not specified.",
  );
  const isJson = generationConfig?.responseMimeType === "application/json";
  must(
    !isJson || declarations.length === 0 || isThree(model),
    "Function calling with a response mime type: 'application/json' is unsupported",
  );
}

function checkGeneration(model: string, { generationConfig = {} }: GenerateRequest): void {
  const {
    responseMimeType: mime,
    responseSchema,
    responseJsonSchema,
    responseLogprobs,
    logprobs,
    thinkingConfig,
  } = generationConfig;
  const hasSchema = responseSchema !== undefined || responseJsonSchema !== undefined;
  must(
    responseSchema === undefined || responseJsonSchema === undefined,
    "response_schema and response_json_schema are exclusive",
  );
  must(
    !hasSchema || mime === "application/json" || mime === "text/x.enum",
    "response_schema is supported only when response_mime_type is 'application/json'",
  );
  if (responseSchema !== undefined)
    checkSchema(responseSchema, "GenerateContentRequest.generation_config.response_schema");
  must(
    logprobs === undefined || responseLogprobs === true,
    "logprobs is set but response_logprobs is not enabled",
  );
  if (thinkingConfig === undefined) return;
  const { thinkingBudget, thinkingLevel } = thinkingConfig;
  must(
    thinkingBudget === undefined || thinkingLevel === undefined,
    "You can only set only one of thinking budget and thinking level.",
  );
  must(thinkingLevel === undefined || isThree(model), "Thinking level is not supported for this model.");
  must(!/^gemini-[12]\.[0-4]/.test(model), "Thinking is not supported for this model.");
  must(
    thinkingBudget !== 0 || !model.startsWith("gemini-2.5-pro"),
    "Budget 0 is invalid. This model only works in thinking mode.",
  );
}
