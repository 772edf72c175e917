import { sha256Hex } from "../runtime/digest.ts";
import { canonical, canonicalText, type Meaning } from "./canonical.ts";

/** SHA-256 of the compiled form: places, comments and meaningless order left out, references by name. */
export const digestOf = (snapshot: Meaning): string => sha256Hex(canonicalText(canonical(snapshot)));
