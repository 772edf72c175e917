import type { DiagnosticCode } from "../diagnostic.ts";
import type { Explanation } from "./example.ts";
import { ofNames } from "./names.ts";
import { ofOutside } from "./outside.ts";
import { ofShape } from "./shape.ts";
import { ofText } from "./text.ts";
import { ofWarnings } from "./warnings.ts";

/** Every code, explained; a code without an entry does not compile. */
export const explanations: Readonly<Record<DiagnosticCode, Explanation>> = {
  ...ofText,
  ...ofShape,
  ...ofNames,
  ...ofOutside,
  ...ofWarnings,
};
