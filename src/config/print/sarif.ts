import type { Result as Finding, Location, Log, Region, ReportingDescriptor } from "sarif";
import type { Diagnostic, Related } from "../diagnostic.ts";
import { explanations } from "../explain/explanations.ts";

/**
 * SARIF 2.1.0, which code scanning shows: one run, a rule for each code that was found.
 *
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function printSarif(diagnostics: readonly Diagnostic[], version: string): string {
  const codes = [...new Set(diagnostics.map(({ code }) => code))];
  const rules = codes.map(
    (code): ReportingDescriptor => ({
      id: code,
      shortDescription: { text: explanations[code].says },
      help: { text: `Run \`switchyard explain ${code}\` for an example of it.` },
    }),
  );
  const log: Log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "Switchyard", version, rules } },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map((each) => finding(each, codes.indexOf(each.code))),
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}

function finding(each: Diagnostic, ruleIndex: number): Finding {
  const { code, severity, file, line, column, end_line, end_column, message, related = [] } = each;
  const region = { startLine: line, startColumn: column, endLine: end_line, endColumn: end_column };
  return {
    ruleId: code,
    ruleIndex,
    level: severity,
    message: { text: message },
    locations: [locationOf(file, region)],
    ...(related.length === 0 ? {} : { relatedLocations: related.map(relatedLocation) }),
  };
}

const relatedLocation = ({ file, line, column, message }: Related, index: number): Location => ({
  id: index,
  message: { text: message },
  ...locationOf(file, { startLine: line, startColumn: column }),
});

const locationOf = (file: string, region: Region): Location => ({
  physicalLocation: { artifactLocation: { uri: uriOf(file) }, region },
});

/** A path as a URI reference: relative ones stay relative, so that a repository's files are found. */
function uriOf(file: string): string {
  const path = file.split(/[/\\]/).map(encodeURIComponent).join("/");
  return path.startsWith("/") ? `file://${path}` : path.replace(/^\.\//, "");
}
