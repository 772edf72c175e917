/** One file of a configuration. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** A configuration as texts: the root file first. */
export interface Texts {
  readonly files: readonly TextFile[];
  readonly tests: TextFile | null;
}

/** GET /admin/api/config: what serves. */
export interface Serving extends Texts {
  readonly generation: number;
  readonly digest: string;
  readonly git_sha: string | null;
}

/** An edit that nobody has committed, and what it was begun from. */
export interface Draft extends Texts {
  readonly begunFrom: Serving;
}

/** What part of a configuration a file is. */
export type Part = "root" | "included" | "tests";

/** Every file of a configuration with the part that it is, the tests last. */
export const partsOf = ({ files, tests }: Texts): readonly (TextFile & { readonly part: Part })[] => [
  ...files.map((file, index) => ({ ...file, part: index === 0 ? ("root" as const) : ("included" as const) })),
  ...(tests === null ? [] : [{ ...tests, part: "tests" as const }]),
];

/** A configuration in which one file has another text. */
export const withText = <T extends Texts>(texts: T, name: string, text: string): T => ({
  ...texts,
  files: texts.files.map((file) => (file.name === name ? { name, text } : file)),
  tests: texts.tests?.name === name ? { name, text } : texts.tests,
});

/** What is sent of a configuration to be looked into. */
export const bodyOf = ({ files, tests }: Texts): Texts => ({ files, tests });

/** Names of the files whose text is not the same in two configurations. */
export function changedFiles(before: Texts, after: Texts): readonly string[] {
  const was = new Map(partsOf(before).map(({ name, text }) => [name, text]));
  const is = new Map(partsOf(after).map(({ name, text }) => [name, text]));
  return [...new Set([...was.keys(), ...is.keys()])].filter((name) => was.get(name) !== is.get(name));
}

/** The text of one file; empty where there is no such file. */
export const textOf = (texts: Texts, name: string): string =>
  partsOf(texts).find((file) => file.name === name)?.text ?? "";

/** A file's name without its folders where they tell nothing: the root file and its tests bear whole paths. */
export const shortName = (name: string): string =>
  name.startsWith("/") || /^[A-Za-z]:[\\/]/.test(name) ? name.replace(/^.*[\\/]/, "") : name;
