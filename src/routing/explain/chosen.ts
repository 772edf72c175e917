import type { Try } from "../../domain/route.ts";
import { type Candidate, roomOf, type Way } from "../candidates.ts";
import { fact } from "../facts.ts";
import type { Look } from "../watch.ts";
import { tagSteps } from "./access.ts";
import { limitStep, type Used } from "./limits.ts";
import { estimateSteps } from "./price.ts";
import { type Step, step } from "./step.ts";
import { count, percent } from "./words.ts";

/** Why the target that is tried next may be: every rule on its path. */
export function chosenSteps(look: Look, used: Used): readonly Step[] {
  const { decision, scene } = look;
  if (decision.kind === "stop") return [];
  const candidate = candidateIn(look, decision);
  return [
    ...passSteps(look, decision),
    ...tagSteps(look, decision.target),
    ...(candidate === null
      ? []
      : [...contextSteps(look, candidate), ...memberSteps(look, candidate, decision)]),
    ...decision.claims.map((claim) => limitStep(claim, used(claim, scene.now), 0)),
    ...estimateSteps(look, decision),
  ];
}

/** The target as the pass that found it saw it. */
const candidateIn = ({ visits }: Look, { target }: Try): Candidate | null =>
  visits.at(-1)?.candidates.find((candidate) => candidate.target === target) ?? null;

/** What is unusual about the way in which it was found. */
function passSteps({ visits }: Look, { serving, target: { provider } }: Try): readonly Step[] {
  switch (visits.at(-1)?.pass) {
    case "open_circuits":
      return [
        step(`every circuit of ${serving.name} is open, so its targets are tried all the same`, serving.at),
      ];
    case "rate_limited":
      return [step(`nobody else is free, so ${provider.name} is asked again`, null)];
    default:
      return [];
  }
}

function contextSteps({ scene: { snapshot } }: Look, { target, path, size }: Candidate): readonly Step[] {
  const found = fact(target.provider, path.upstream, "context");
  if (found === null) return [];
  const text = `${path.learnedName} has a context of ${count(found.value)}: about ${count(size.ceiling)} tokens fit`;
  return [step(text, snapshot.lines.of(found.entry, "context"), `context of ${path.learnedName}`)];
}

/** Which API key of a pool was taken, and how the others stood. */
function memberSteps({ scene }: Look, { target, ways }: Candidate, { member }: Try): readonly Step[] {
  if (member === null || ways.length < 2) return [];
  const free = ways.filter(({ against }) => against.length === 0);
  const room = (way: Way) => `${way.choice.member?.id ?? ""} ${percent(roomOf(scene, way))}`;
  const figures = free.length > 1 ? ` (room: ${free.map(room).join(", ")}; equals share by chance)` : "";
  return [
    ...ways.flatMap(({ against }) => against.map(({ says, at }) => step(`passed over: ${says}`, at))),
    step(`API key ${member.id} of ${target.provider.name} is used${figures}`, member.at),
  ];
}
