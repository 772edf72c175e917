import type { Endpoint } from "../../domain/endpoint.ts";
import type { Try } from "../../domain/route.ts";
import type { Params, Snapshot } from "../../domain/snapshot.ts";
import { effectiveParams, type Source } from "../params.ts";
import { type Step, step } from "./step.ts";
import { json } from "./words.ts";

/**
 * Who set each parameter that goes to a target, and what was lowered or removed. `endpoint` is the one spoken there. The
 * fields that a request consists of are not told.
 */
export function paramSteps(
  { lines }: Snapshot,
  decision: Try,
  request: Params,
  endpoint: Endpoint,
): readonly Step[] {
  const { asked, serving, target } = decision;
  const sources = new Map<string, Source>();
  const { params } = effectiveParams(asked, serving, target, request, endpoint, (name, source) => {
    sources.set(name, source);
  });
  return [...sources].flatMap(([name, source]) => {
    if (source.kind === "request" && substance.has(name)) return [];
    const text = textOf(name, params[name], source, decision);
    return text === null ? [] : [step(text, lines.of(source.fields, name) ?? source.of?.at ?? null)];
  });
}

/** What a request is, rather than how it is to be answered. */
const substance: ReadonlySet<string> = new Set(["messages", "prompt", "input", "stream", "stream_options"]);

function textOf(
  name: string,
  value: unknown,
  { kind, of }: Source,
  { asked, serving, target }: Try,
): string | null {
  const owner =
    of === target
      ? `the target ${target.provider.name}/${target.model}`
      : of === target.provider
        ? `provider ${target.provider.name}`
        : (of === null ? asked : of === asked ? asked : serving).name;
  // Set, and then displaced by its other name.
  if (value === undefined && kind !== "overrides") return null;
  switch (kind) {
    case "request":
      return `${name} ${json(value)} is the request's own`;
    case "max":
      return `${name} is lowered to ${json(value)} by max of ${owner}`;
    case "defaults":
      return `${name} ${json(value)} comes from defaults of ${owner}`;
    case "overrides":
      return value === undefined
        ? `${name} is removed by overrides of ${owner}`
        : `${name} ${json(value)} comes from overrides of ${owner}`;
  }
}
