import { chat, demo, type Explanation, file, least, lines } from "./example.ts";

/** Of the file as text: its bytes, and its YAML. */
export const ofText = {
  yaml_syntax: {
    says: "The file is not YAML: a bracket, a quote or an indentation is wrong.",
    bad: file(...demo, "models:", "  chat: { targets: [demo/demo }"),
    good: least,
  },
  multiple_documents: {
    says: "A file holds one document, and a --- begins another.",
    bad: least + lines("---", "aliases: { gpt-4: chat }"),
    good: least + lines("aliases: { gpt-4: chat }"),
  },
  empty_file: {
    says: "The file holds nothing but comments or spaces; an empty file never means that there are no routes.",
    bad: "# to be written\n",
    good: least,
  },
  file_too_large: {
    says: "All files of a configuration together may be at most 1 MiB.",
    bad: `${least}<0x23 × 1048576>\n`,
    good: `${least}#\n`,
  },
  invalid_utf8: {
    says: "A byte is not UTF-8; the file was saved in another encoding.",
    bad: `# caf<0xE9>\n${least}`,
    good: `# café\n${least}`,
  },
  nul_byte: {
    says: "A NUL byte stands in the file, which no text has.",
    bad: `# a<0x00>b\n${least}`,
    good: `# ab\n${least}`,
  },
  byte_order_mark: {
    says: "The file begins with a byte order mark, which some editors put there; save it as UTF-8 without one.",
    bad: `<0xEF><0xBB><0xBF>${least}`,
    good: least,
  },
  duplicate_key: {
    says: "A key stands twice in one mapping, and only one of the two can count.",
    bad: file(...demo, ...chat, "aliases:", "  gpt-4: chat", "  gpt-4: demo"),
    good: file(...demo, ...chat, "aliases:", "  gpt-4: chat", "  gpt-4o: chat"),
  },
  merge_key: {
    says: "Merge keys (<<) are not accepted, because readers cannot see what wins.",
    bad: file(...demo, "models:", "  chat: &base { targets: [demo/demo] }", "  small: { <<: *base }"),
    good: file(...demo, "models:", "  chat: { targets: [demo/demo] }", "  small: { targets: [demo/demo] }"),
  },
  custom_tag: {
    says: "Tags such as !include are not accepted; a text that begins with an exclamation mark needs quotes.",
    bad: file(...demo, "models: !include models.yaml"),
    good: least,
  },
  alias_bomb: {
    says: "YAML aliases blow the file up, or an anchor holds itself; write the values out.",
    bad: file(
      ...demo,
      "models:",
      "  chat: { targets: [demo/demo], defaults: { metadata: &a { again: *a } } }",
    ),
    good: file(
      ...demo,
      "models:",
      "  chat: { targets: [demo/demo], defaults: { metadata: { again: once } } }",
    ),
  },
} as const satisfies Readonly<Record<string, Explanation>>;
