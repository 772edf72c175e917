import { code, count, listOf, number, percent, tableWithin, textOf, usd } from "./markdown.mjs";

/** What the comment begins with, unseen; by it the next run finds it again. */
export const marker = "<!-- switchyard: config -->";

/** GitHub takes 65,536 characters. */
const mostCharacters = 60_000;

const signs = { ok: "✓", failed: "✗", skipped: "·" };
const steps = ["fmt", "validate", "test", "plan", "replay"];
/** The classes of changes, the worst first. */
const risks = ["BREAKING", "SECRET", "ACCESS", "ROUTE", "CAPACITY", "COST", "SAFE"];

/**
 * The comment. Its frame is what GitHub says of the run; what the reports say fills it, each text as `<code>`, cut and with every mark
 * as a character reference, so that nothing in it is markup, a link or a mention.
 */
export function bodyOf(run, { check, plan, replay }) {
  const passed = run.conclusion === "success";
  const frame = [
    `${marker}\n### ${passed ? "✓ Nothing stands against this configuration" : "✗ This configuration does not pass"}`,
    check === null ? "The check broke off before it could report." : stepsTable(check),
  ];
  const foot = `<sub>${code(String(run.head_sha).slice(0, 8))} · [the whole report](${run.html_url})</sub>`;
  let room = mostCharacters - [...frame, foot].join("\n\n").length;
  const sections = [];
  for (const section of [planSection(plan), replaySection(replay)]) {
    const text = section === null ? "" : tableWithin(section, room - 200);
    if (text !== "") sections.push(text);
    room -= text.length + 2;
  }
  return [...frame, ...sections, foot].join("\n\n");
}

function stepsTable(check) {
  const told = listOf(check.steps).filter(
    ({ name, outcome }) => steps.includes(name) && Object.hasOwn(signs, textOf(outcome)),
  );
  const rows = told
    .slice(0, steps.length)
    .map(
      ({ name, outcome, says }) =>
        `| ${signs[outcome]} | ${name} | ${outcome === "skipped" ? "skipped: " : ""}${code(says)} |`,
    );
  return ["| | step | |", "|---|---|---|", ...rows].join("\n");
}

function planSection(plan) {
  const changes = listOf(plan?.changes).filter((change) => risks.includes(change.class));
  if (changes.length === 0) return null;
  const of = (risk) => changes.filter((change) => change.class === risk);
  const counts = risks.filter((risk) => of(risk).length > 0).map((risk) => `${of(risk).length} ${risk}`);
  return {
    title: `${count(changes.length, "change")}: ${counts.join(", ")}`,
    isOpen: risks.slice(0, 3).some((risk) => of(risk).length > 0),
    heading: ["", "what", "before", "after", "where"],
    rows: risks.flatMap((risk) =>
      of(risk).map(({ path, from, to, file, line }) => [
        risk,
        code(path),
        code(from),
        code(to),
        code(`${textOf(file)}:${number(line)}`),
      ]),
    ),
  };
}

function replaySection(replay) {
  if (!Number.isFinite(replay?.requests) || replay.requests === 0) return null;
  const share = (value) =>
    `${number(value)} (${percent(Number.isFinite(value) ? value / replay.requests : null)})`;
  const verdict = ["passed", "failed", "inconclusive"].find((kind) => kind === replay.gate?.kind);
  const rows = [
    ["newly refused", share(replay.newly_refused)],
    ["newly accepted", share(replay.newly_accepted)],
    ["answered by another provider", share(replay.provider_changed)],
    ["attempts", `${number(replay.attempts?.base)} → ${number(replay.attempts?.head)}`],
    ["cost", `${usd(replay.cost?.base)} → ${usd(replay.cost?.head)}`],
    ["unknown", share(replay.unknown)],
    ["fidelity", percent(replay.fidelity)],
    ...listOf(replay.refusals).map(({ rule, key, requests }) => [
      `${code(rule)}${typeof key === "string" ? ` of ${code(key)}` : ""} newly refuses`,
      number(requests),
    ]),
  ];
  return {
    title: `${count(replay.requests, "request")} replayed${verdict === undefined ? "" : `, gate ${verdict}`}`,
    isOpen: verdict === "failed",
    heading: ["", ""],
    rows,
  };
}
