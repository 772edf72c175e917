import { err, ok, type Result } from "../../core/result.ts";

/** One branch or tag. */
export interface Ref {
  /** `refs/heads/main` */
  readonly full: string;
  /** As people wrote it. */
  readonly shown: string;
}

/** Git's own rules (git-check-ref-format), on letters that mean nothing to anybody on the way. */
const name = /^(?![-/.])(?!.*(?:\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)))[\w./@+=#-]{1,200}(?<![/.])$/;

/** Reads the setting GIT_SYNC_REF: a branch, or a tag as `refs/tags/NAME`. */
export function parseRef(text: string): Result<Ref, string> {
  const kind = /^refs\/(heads|tags)\//.exec(text)?.[0] ?? "";
  const short = text.slice(kind.length);
  if (!name.test(short) || short === "@" || short.startsWith("refs/"))
    return err("the name of a branch, or refs/tags/NAME");
  return ok({ full: `${kind === "" ? "refs/heads/" : kind}${short}`, shown: text });
}

/** Reads the setting GIT_SYNC_PATH: relative to the repository's top, and inside it. */
export function parsePath(text: string): Result<string, string> {
  const steps = text.split("/");
  const fits =
    /^(?!-)[^\p{C}\\:]{1,500}$/u.test(text) && steps.every((step) => !["", ".", "..", ".git"].includes(step));
  return fits ? ok(text) : err("a path such as config/routes.yaml, relative to the repository's top");
}
