/** What a model is asked to do. */
export type Action = "generateContent" | "streamGenerateContent" | "embedContent" | "batchEmbedContents";

/** The name of a model as a resource: `models/gemini-2.5-flash`. Tuned models are a collection of their own. */
export function resourceOf(model: string): string {
  const [, collection = "models", name = model] = /^(models|tunedModels)\/(.+)$/s.exec(model) ?? [];
  return `${collection}/${name}`;
}

/** The path of a call. No part of a model's name can lead out of its place in it. */
export function pathOf(model: string, action: Action): string {
  const resource = resourceOf(model);
  const slash = resource.indexOf("/");
  const name = encodeURIComponent(resource.slice(slash + 1));
  const query = action === "streamGenerateContent" ? "?alt=sse" : "";
  return `/${resource.slice(0, slash)}/${name}:${action}${query}`;
}
