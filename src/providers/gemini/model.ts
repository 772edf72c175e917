/** What a model takes and what it insists on. https://ai.google.dev/gemini-api/docs/models */
export interface ModelTraits {
  /** How thinking is asked for; null where it cannot be. */
  readonly thinking: "level" | "budget" | null;
  /** The larger models always think, and know fewer levels. */
  readonly isPro: boolean;
  /** Version 3.1 is 3.1; null for a name that does not tell. */
  readonly version: number | null;
  /** Calls and their results are matched by id; before, by name and order. */
  readonly callIds: boolean;
  /** Refuses calls of the current turn that bear no thought signature. */
  readonly signatures: boolean;
  /** Takes JSON Schema itself (`parametersJsonSchema`, `responseJsonSchema`) beside the narrower OpenAPI form. */
  readonly jsonSchema: boolean;
  /** Can be held to JSON while it has functions to call. */
  readonly jsonWithTools: boolean;
  /** Takes a `systemInstruction`. */
  readonly instructions: boolean;
}

/** The first version that a name without one, as in `gemini-flash-latest`, can mean. */
const latest = 3.1;

/** What a model can do, by its name: `gemini-2.5-flash`, `models/gemini-3-pro-preview`, `tunedModels/x`. */
export function traitsOf(model: string): ModelTraits {
  const name = model.slice(model.lastIndexOf("/") + 1).toLowerCase();
  const version = versionOf(name);
  const from = (first: number): boolean => version !== null && version >= first;
  // Models that draw or speak do not think, or not as they are told.
  const speaksOrDraws = /image|tts|audio|live/.test(name);
  return {
    thinking: speaksOrDraws || !from(2.5) ? null : from(3) ? "level" : "budget",
    isPro: /\bpro\b/.test(name),
    version,
    callIds: from(3),
    signatures: from(3),
    jsonSchema: from(2.5),
    jsonWithTools: from(3),
    instructions: !name.startsWith("gemma"),
  };
}

function versionOf(name: string): number | null {
  const written = /gemini-(\d+(?:\.\d+)?)/.exec(name)?.[1];
  if (written !== undefined) return Number(written);
  return /^gemini-(?:[a-z]+-)*latest$/.test(name) ? latest : null;
}
