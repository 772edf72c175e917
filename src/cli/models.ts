import type { Alias, Price, Snapshot } from "../domain/snapshot.ts";
import { openConfig } from "./config.ts";
import { exit } from "./exit.ts";
import { type Form, ofConfig, readWords } from "./form.ts";
import { type Listing, listingOf, namesIn, type Retirement, retirementOf } from "./models/listing.ts";
import { type Paint, processShell, type Shell } from "./shell.ts";
import { table } from "./table.ts";

const form: Form = {
  name: "models",
  operands: "",
  most: 0,
  says: "Lists what clients can ask for: models, where their requests go, and whether they can. Calls nobody.",
  flags: { json: "as JSON" },
  options: ofConfig,
};

/** `models`: what the file offers, and what of it is ready to be used here. */
export async function models(args: readonly string[], shell: Shell = processShell()): Promise<number> {
  const words = await readWords(form, args, shell);
  if (!words.ok) return words.error;
  const local = await openConfig(words.value, shell, { unset: "warning" });
  if (!local.ok) return local.error;
  const { snapshot } = local.value;
  const all = [...snapshot.models.values(), ...snapshot.patterns].map((model) =>
    listingOf(model, local.value),
  );
  const text = words.value.has("json")
    ? JSON.stringify({ models: all, ...namesIn(snapshot) }, null, 2)
    : print(all, snapshot, shell.out.paint);
  await shell.out.write(`${text}\n`);
  local.value.close();
  return exit.ok;
}

function print(all: readonly Listing[], snapshot: Snapshot, paint: Paint): string {
  const rows = all.flatMap((listing) => rowsOf(listing, paint));
  const aliases = [...snapshot.aliases.values()].map((alias) => [alias.name, standsFor(alias)]);
  const { auto, defaultModel } = snapshot;
  if (auto !== null) aliases.push(["auto", `${auto.models.join(", ")}: the best by ${auto.strategy}`]);
  return [
    table(["MODEL", "STRATEGY", "TARGET", "IN", "OUT", "CONTEXT", "STATE"], rows, paint),
    ...(aliases.length > 0 ? [table(["ALIAS", "STANDS FOR"], aliases, paint)] : []),
    paint(
      "dim",
      `Prices are USD per million tokens.${defaultModel === null ? "" : ` A request that names no model goes to ${defaultModel}.`}`,
    ),
  ].join("\n\n");
}

function rowsOf(listing: Listing, paint: Paint): readonly (readonly string[])[] {
  const targets = listing.targets.map(({ provider, model, price, context, reason }, index) => [
    index === 0 ? paint("bold", listing.name) : "",
    index === 0 ? listing.strategy : "",
    `${provider}/${model}`,
    ...priceCells(price),
    context === null ? "" : tokens(context),
    reason === null ? paint("green", "ready") : paint("yellow", reason),
  ]);
  return [...targets, ...remarks(listing).map((remark) => ["", "", paint("dim", remark)])];
}

function remarks({ enabled, visible, deprecated, fallbacks }: Listing): readonly string[] {
  return [
    ...(fallbacks.length > 0 ? [`then ${fallbacks.join(", ")}`] : []),
    ...(enabled ? [] : ["off"]),
    ...(visible ? [] : ["hidden: for fallbacks only"]),
    ...(deprecated === null ? [] : [leaving(deprecated)]),
  ];
}

const standsFor = ({ to, deprecated }: Alias): string => {
  const retirement = retirementOf(deprecated);
  return retirement === null ? to : `${to} (${leaving(retirement)})`;
};

const leaving = ({ use, after }: Retirement): string =>
  `deprecated${after === null ? "" : `, until ${lastDay(after)}`}${use === null ? "" : `; use ${use}`}`;

/** The day that the file names, which is the last one served. */
const lastDay = (after: string): string => new Date(Date.parse(after) - 1).toISOString().slice(0, 10);

function priceCells(price: Price | null): readonly [string, string] {
  if (price === null) return ["", ""];
  const { input, output, request } = price;
  if (input === 0 && output === 0 && !request) return ["free", "free"];
  return [usd(input), usd(output)];
}

const usd = (price: number): string => price.toFixed(Math.max(2, decimals(price)));
const decimals = (number: number): number => String(number).split(".")[1]?.length ?? 0;

/** As the file would write it. */
function tokens(count: number): string {
  if (count % 1_000_000 === 0) return `${count / 1_000_000}M`;
  return count % 1_000 === 0 ? `${count / 1_000}k` : String(count);
}
