import { canonicalText } from "../canonical.ts";
import { parse } from "../parse.ts";
import { positionOf } from "../places.ts";
import type { SourceFile } from "../source_file.ts";
import { member, type Tree, topOf } from "../tree.ts";
import { type Change, pathText } from "./change.ts";

/** One case of a tests file. */
interface Case {
  readonly text: string;
  readonly value: unknown;
  readonly tree: Tree;
}

/**
 * What differs between the tests beside two configurations, by the names of the cases: they are guards, so that a change
 * of one is a change of who may do what. Null: there is no such file.
 */
export function testChanges(base: SourceFile | null, head: SourceFile | null): readonly Change[] {
  const [before, after] = [casesOf(base), casesOf(head)];
  const places = { base: topOf((base ?? head)?.name ?? ""), head: topOf((head ?? base)?.name ?? "") };
  const change = (path: string, from: Case | null, to: Case | null): Change => ({
    path,
    from: from?.value ?? null,
    to: to?.value ?? null,
    class: "ACCESS",
    base: positionOf(from?.tree.at ?? places.base),
    head: positionOf(to?.tree.at ?? places.head),
  });
  if (before === null || after === null) {
    const isSame = base !== null && head !== null && sameBytes(base, head);
    if (isSame) return [];
    const state = (file: SourceFile | null, cases: unknown) =>
      file === null ? null : cases === null ? "cannot be read" : "can be read";
    return [{ ...change("tests", null, null), from: state(base, before), to: state(head, after) }];
  }
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [was = null, is = null] = [before.get(name), after.get(name)];
    if (was?.text === is?.text) return [];
    const path = pathText([
      { kind: "key", name: "tests" },
      { kind: "item", name },
    ]);
    return [change(path, was, is)];
  });
}

/** Null when the file cannot be read as YAML. */
function casesOf(file: SourceFile | null): ReadonlyMap<string, Case> | null {
  if (file === null) return new Map();
  const parsed = parse(file.name, file.bytes);
  if (!parsed.ok) return null;
  const list = member(parsed.value.tree, "tests")?.value;
  const cases = new Map<string, Case>();
  for (const tree of list?.kind === "sequence" ? list.items : []) {
    const value = plain(tree);
    const title = member(tree, "name")?.value;
    const name = title?.kind === "scalar" ? String(title.value) : "";
    let free = name;
    for (let count = 2; cases.has(free); count++) free = `${name} (${count})`;
    cases.set(free, { text: canonicalText(value), value, tree });
  }
  return cases;
}

function plain(tree: Tree): unknown {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "sequence") return tree.items.map(plain);
  return Object.fromEntries(tree.entries.map(({ key, value }) => [key, plain(value)]));
}

const sameBytes = (a: SourceFile, b: SourceFile): boolean =>
  a.bytes.length === b.bytes.length && a.bytes.every((byte, index) => byte === b.bytes[index]);
