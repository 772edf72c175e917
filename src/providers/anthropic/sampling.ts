import type { Params } from "../../domain/snapshot.ts";
import type { Fields } from "../fields.ts";
import type { Losses } from "../losses.ts";
import type { ModelTraits } from "./model.ts";

/** The API takes 0 to 1, where OpenAI's goes to 2. */
const hottest = 1;
/** Of `top_p`, while the model thinks. */
const narrowestThinking = 0.95;

/** How the next token is chosen, within what the model accepts; where it accepts one of two, `temperature` stays. */
export function samplingOf(params: Params, traits: ModelTraits, thinks: boolean, losses: Losses): Fields {
  const stop = stopsOf(params["stop"], losses);
  const sequences = stop.length === 0 ? {} : { stop_sequences: stop };
  const asked = { temperature: params["temperature"], top_p: params["top_p"], top_k: params["top_k"] };
  const fields = new Map<string, number>();
  for (const [name, value] of Object.entries(asked)) {
    if (typeof value !== "number") continue;
    const obstacle = obstacleTo(name, value, traits, thinks, fields);
    if (obstacle !== null) losses.dropped(name, obstacle, value);
    else fields.set(name, name === "temperature" ? clamped(value, losses) : value);
  }
  return { ...Object.fromEntries(fields), ...sequences };
}

function obstacleTo(
  name: string,
  value: number,
  traits: ModelTraits,
  thinks: boolean,
  before: ReadonlyMap<string, number>,
): string | null {
  if (traits.sampling === "fixed" && (name === "top_k" || value !== 1))
    return "this model samples in its own way";
  if (thinks && name === "temperature" && value !== 1) return "it is 1 while the model thinks";
  if (thinks && name === "top_k") return "it cannot be set while the model thinks";
  if (thinks && name === "top_p" && value < narrowestThinking) {
    return `it is at least ${narrowestThinking} while the model thinks`;
  }
  return traits.sampling !== "free" && name === "top_p" && before.has("temperature")
    ? "this model takes temperature or top_p, not both"
    : null;
}

function clamped(temperature: number, losses: Losses): number {
  if (temperature <= hottest) return temperature;
  losses.say(
    "temperature",
    `temperature lowered from ${temperature} to ${hottest}: Anthropic takes 0 to ${hottest}`,
  );
  return hottest;
}

/** Sequences of white space alone are refused. */
function stopsOf(stop: unknown, losses: Losses): readonly string[] {
  const asked = (Array.isArray(stop) ? stop : [stop]).filter((one) => typeof one === "string");
  const usable = asked.filter((one) => one.trim() !== "");
  losses.dropped(
    "stop",
    "Anthropic takes no white space alone",
    usable.length < asked.length,
    "stop[] of white space",
  );
  return usable;
}
