import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** The nonce that the page was served with: without it the browser refuses the styles that the editor makes. */
const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute("content") ?? "";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-key)" },
  { tag: [tags.string, tags.special(tags.string), tags.attributeValue], color: "var(--code-text)" },
  { tag: [tags.lineComment, tags.meta], color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.labelName, tags.typeName, tags.keyword], color: "var(--code-mark)" },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: "var(--soft)" },
]);

const theme = EditorView.theme({
  "&": { backgroundColor: "var(--sheet)", color: "var(--ink)", fontSize: "13px" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-1px" },
  ".cm-scroller": {
    fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
    lineHeight: "1.55",
  },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": {
    backgroundColor: "var(--ground)",
    color: "var(--soft)",
    borderRight: "1px solid var(--line)",
  },
  ".cm-activeLine": { backgroundColor: "var(--code-line)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--code-line)", color: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--code-selected)",
  },
  ".cm-panels, .cm-tooltip": {
    backgroundColor: "var(--sheet)",
    color: "var(--ink)",
    borderColor: "var(--line)",
  },
  ".cm-tooltip": { border: "1px solid var(--line)", borderRadius: "6px", maxWidth: "min(560px, 92vw)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--sheet)",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected] .cm-completionDetail": { color: "inherit" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "2px 8px !important" },
  ".cm-completionDetail": { color: "var(--soft)", fontStyle: "normal" },
  ".cm-completionInfo, .cm-described": { padding: "6px 10px", maxWidth: "420px" },
  ".cm-described p": { margin: "2px 0 0", color: "var(--soft)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--warn)" },
  ".cm-diagnosticAction": { backgroundColor: "var(--accent)", color: "var(--sheet)", borderRadius: "4px" },
  ".cm-textfield, .cm-button": {
    ...{ backgroundImage: "none", backgroundColor: "var(--ground)", color: "inherit" },
    ...{ border: "1px solid var(--line)", borderRadius: "4px" },
  },
  ".cm-panel.cm-search label": { fontSize: "12px" },
  ".cm-searchMatch": { backgroundColor: "var(--code-found)" },
  ".cm-changedLine, .cm-insertedLine": { backgroundColor: "var(--code-added) !important" },
  ".cm-deletedChunk": { backgroundColor: "var(--code-removed) !important" },
  ".cm-changedText": { background: "var(--code-added-word) !important" },
  ".cm-deletedText": { background: "var(--code-removed-word) !important" },
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: '"⋯"' },
  ".cm-collapsedLines": { background: "var(--ground)", color: "var(--soft)" },
});

/** How text looks, in the page's own colours, whichever scheme they are of. */
export const editorLook = [EditorView.cspNonce.of(nonce), theme, syntaxHighlighting(colours)];
