import { yamlLanguage } from "@codemirror/lang-yaml";
import type { SyntaxNode, Tree } from "@lezer/common";

/** One step down in a document: the key of a mapping, or the index in a list. */
export type Step = string | number;

/** The tree of a text, whatever mistakes it has. */
export const treeOf = (text: string): Tree => yamlLanguage.parser.parse(text);

/** The text of a key or a plain value, without its quotes. */
export function wordOf(node: SyntaxNode, text: string): string {
  const written = text.slice(node.from, node.to).trim();
  const quoted = /^"(.*)"$|^'(.*)'$/s.exec(written);
  return quoted === null ? written : (quoted[1] ?? quoted[2] ?? "");
}

/** The steps from the top of the document down to a node. Of a key: to the mapping that holds it. */
export function stepsTo(node: SyntaxNode, text: string): readonly Step[] {
  const steps: Step[] = [];
  let below = node;
  for (let at = node.parent; at !== null; below = at, at = at.parent) {
    if (at.name === "Pair" && below.name !== "Key") {
      const key = at.getChild("Key");
      if (key !== null) steps.push(wordOf(key, text));
    }
    if (at.name === "Item") steps.push(indexOf(at));
  }
  return node.name === "Item" ? [...steps.reverse(), indexOf(node)] : steps.reverse();
}

function indexOf(item: SyntaxNode): number {
  let index = 0;
  for (let at = item.prevSibling; at !== null; at = at.prevSibling) if (at.name === "Item") index++;
  return index;
}

/** The keys of the mapping around a node, but for the one that the node is in. */
export function keysBeside(node: SyntaxNode, text: string): readonly string[] {
  const own = ancestor(node, "Pair");
  const mapping = own?.parent ?? null;
  return (mapping?.getChildren("Pair") ?? [])
    .filter(({ from }) => from !== own?.from)
    .flatMap((pair) => {
      const key = pair.getChild("Key");
      return key === null ? [] : [wordOf(key, text)];
    });
}

/** The nearest node of a name around a node, itself included; null where there is none. */
export function ancestor(node: SyntaxNode, ...names: readonly string[]): SyntaxNode | null {
  for (let at: SyntaxNode | null = node; at !== null; at = at.parent) if (names.includes(at.name)) return at;
  return null;
}
