import { excerptsOf, printPretty } from "../../config/print.ts";
import { exit } from "../exit.ts";
import type { Shell } from "../shell.ts";
import type { Refused } from "./compared.ts";
import { code } from "./markdown.ts";

/** How a report can be told. */
export const formats = ["pretty", "json", "markdown"] as const;
export type Format = (typeof formats)[number];

/** A side that cannot be compared. */
export interface RefusedSide {
  readonly side: "base" | "head";
  readonly why: Refused;
}

/** Tells why nothing can be compared: a side that is not there on stderr, one that does not compile as what was asked for. */
export async function tellRefused(
  sides: readonly RefusedSide[],
  format: Format,
  shell: Shell,
): Promise<number> {
  const missing = sides.flatMap(({ why }) => (why.kind === "missing" ? [why] : []));
  if (missing.length > 0) {
    await shell.err.write(missing.map(({ message }) => `${message}\n`).join(""));
    return missing[0]?.code ?? exit.usage;
  }
  const invalid = sides.flatMap(({ side, why }) => (why.kind === "invalid" ? [{ side, ...why }] : []));
  await shell.out.write(`${print[format](invalid)}\n`);
  return exit.failed;
}

type Invalid = Extract<Refused, { readonly kind: "invalid" }> & Pick<RefusedSide, "side">;

const print: Readonly<Record<Format, (sides: readonly Invalid[]) => string>> = {
  pretty: (sides) =>
    sides
      .map(({ side, diagnostics, files }) =>
        [`The ${side} does not compile.`, printPretty(diagnostics, excerptsOf(files))].join("\n\n"),
      )
      .join("\n\n"),
  json: (sides) =>
    JSON.stringify(
      {
        diagnostics: sides.flatMap(({ side, diagnostics }) => diagnostics.map((each) => ({ side, ...each }))),
      },
      null,
      2,
    ),
  markdown: (sides) =>
    sides
      .map(({ side, diagnostics }) => {
        const lines = diagnostics.map(
          ({ severity, code: name, file, line, column, message }) =>
            `- ${severity} ${code(name)} ${code(`${file}:${line}:${column}`)} ${code(message)}`,
        );
        return [`### Plan: the ${side} does not compile`, "", ...lines].join("\n");
      })
      .join("\n\n"),
};
