import type { Entry, Spot, Tree } from "../tree.ts";

/** How much of a line came over: all it means, nearly that, or nothing. */
export type Verdict = "exact" | "approximated" | "not_supported";

/** What became of one piece of the file that is imported. Says names and places, never a value. */
export interface Finding {
  readonly verdict: Verdict;
  readonly file: string;
  readonly line: number;
  /** The last line that it speaks of. */
  readonly end_line: number;
  readonly column: number;
  /** What it speaks of, as people write it: `model_list[0].litellm_params.model`. */
  readonly path: string;
  /** Where it went, or what is different, or why it did not come over. */
  readonly message: string;
}

/** A key with its value, or a value alone. */
export type Place = Entry | Tree;

/** A finding by its JSON pointer, which may hold a secret. */
type Raw = Omit<Finding, "path"> & { readonly pointer: string };

/** Takes findings while a file is translated; of several on one place the last counts. */
export interface Notes {
  readonly exact: (at: Place, message: string) => void;
  readonly approximated: (at: Place, message: string) => void;
  readonly unsupported: (at: Place, message: string) => void;
  /** Of a key alone, whatever becomes of what it holds: its name is another one now. */
  readonly renamed: (at: Place, message: string) => void;
  /** Keeps a key of a mapping out of every path, because it is a secret itself. */
  readonly hide: (key: string) => void;
  /** The places that something was said of, as {@link keyOf} names them. */
  readonly pointers: () => readonly string[];
  /** In the order of the file. */
  readonly all: () => readonly Finding[];
}

/** Behind a pointer: the key alone. No pointer ends so. */
const keyMark = "~key";

/** Begins with no findings. */
export function makeNotes(): Notes {
  const findings = new Map<string, Raw>();
  const hidden = new Set<string>();
  const add = (verdict: Verdict) => (at: Place, message: string) => {
    const finding = findingAt(verdict, at, message);
    findings.set(`${finding.file} ${finding.line} ${finding.pointer}`, finding);
  };
  return {
    exact: add("exact"),
    approximated: add("approximated"),
    unsupported: add("not_supported"),
    renamed: (at, message) => {
      const { pointer, line, ...finding } = findingAt("approximated", at, message);
      findings.set(`${finding.file} ${line} ${pointer}${keyMark}`, {
        ...finding,
        line,
        end_line: line,
        pointer: pointer + keyMark,
      });
    },
    hide: (key) => void hidden.add(key),
    pointers: () => [...findings.values()].map(keyOf),
    all: () =>
      [...findings.values()]
        .toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column)
        .map(({ pointer, ...finding }) => ({ ...finding, path: pathOf(pointer, hidden) })),
  };
}

function findingAt(verdict: Verdict, at: Place, message: string): Raw {
  const [start, value]: readonly [Spot, Spot] = "key" in at ? [at.keyAt, at.value.at] : [at.at, at.at];
  const { file, line, column } = start;
  // A block ends where the next line begins.
  const last = value.end_column === 1 ? value.end_line - 1 : value.end_line;
  return { verdict, file, line, end_line: Math.max(line, last), column, pointer: value.path, message };
}

/** Says of everything that no finding speaks of that it did not come over: nothing is dropped in silence. */
export function sweep(tree: Tree, notes: Notes): void {
  const said = new Set(notes.pointers());
  const within = new Set([...said].flatMap(ancestorsOf));
  const visit = (at: Place) => {
    const value = "key" in at ? at.value : at;
    const key = keyOf({ file: value.at.file, pointer: value.at.path });
    if (said.has(key)) return;
    const children: readonly Place[] =
      value.kind === "mapping" ? value.entries : value.kind === "sequence" ? value.items : [];
    if (value.at.path === "" || within.has(key)) children.forEach(visit);
    else if (children.length > 0 || value.kind === "scalar") notes.unsupported(at, unknown(at));
    else notes.exact(at, "empty");
  };
  visit(tree);
}

const unknown = (at: Place): string =>
  "key" in at ? "there is no counterpart of this key" : "there is no counterpart of this entry";

/** A place in one of several files. */
const keyOf = ({ file, pointer }: { readonly file: string; readonly pointer: string }): string =>
  `${file}\n${pointer}`;

/** What holds a place. */
function ancestorsOf(key: string): readonly string[] {
  const steps = key.split("/");
  return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join("/"));
}

/** A pointer as people write it. What is a secret, or looks like one, is left out. */
function pathOf(pointer: string, hidden: ReadonlySet<string>): string {
  const steps = pointer.replace(/~key$/, "").split("/").slice(1);
  return steps
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((step) =>
      /^\d+$/.test(step) ? `[${step}]` : `.${hidden.has(step) || looksSecret(step) ? "…" : step}`,
    )
    .join("")
    .replace(/^\./, "");
}

/** A long run of letters and digits, or what begins as keys do. */
const looksSecret = (word: string): boolean =>
  /^(sk|pk|rk|gh[a-z]|xox[a-z])[-_]/i.test(word) || /(?=[A-Za-z]*\d)[A-Za-z0-9]{24,}/.test(word);
