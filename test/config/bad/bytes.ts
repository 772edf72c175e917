/** A bad configuration that no text file can hold, with the expectation beside it. */
export interface GeneratedCase {
  /** The mistake in words. */
  readonly name: string;
  /** By path below the root directory; `routes.yaml` is the root. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Symbolic links below the root directory, and where they lead. */
  readonly links?: Readonly<Record<string, string>>;
  /** As in the first line of the files: places, then codes. */
  readonly expected: string;
}

const encoder = new TextEncoder();
const MiB = 1024 ** 2;

/** Text and single bytes, one after another. */
function bytes(...parts: readonly (string | readonly number[])[]): Uint8Array {
  return new Uint8Array(
    parts.flatMap((part) => (typeof part === "string" ? [...encoder.encode(part)] : part)),
  );
}

/** A text, filled up with comment lines to exactly this many bytes. */
function filled(text: string, size: number): Uint8Array {
  const head = encoder.encode(text);
  const whole = new Uint8Array(size).fill(0x0a);
  whole.set(head);
  for (let at = head.length; at < size; at += 80) whole[at] = 0x23;
  return whole;
}

const routes = (more = ""): string => `version: 1
${more}providers:
  openai: { kind: openai }
models:
  chat: { targets: [openai/gpt-4o] }
`;
const including = (path: string): Uint8Array => bytes(routes(`include: ["${path}"]\n`));
const aliases = bytes("aliases: { gpt-4: chat }\n");
const utf16 = (text: string): readonly number[] =>
  [...text].flatMap((letter) => [letter.charCodeAt(0) & 0xff, letter.charCodeAt(0) >> 8]);

/** What {@link GeneratedCase} is for: marks, bytes, sizes, line ends and links. */
export const generatedCases: readonly GeneratedCase[] = [
  { name: "no bytes at all", files: { "routes.yaml": bytes() }, expected: "1:1 empty_file" },
  { name: "blank lines only", files: { "routes.yaml": bytes("\n \n\n") }, expected: "1:1 empty_file" },
  {
    name: "an included file without bytes",
    files: { "routes.yaml": including("teams/a.yaml"), "teams/a.yaml": bytes() },
    expected: "teams/a.yaml:1:1 empty_file",
  },
  {
    name: "a byte order mark",
    files: { "routes.yaml": bytes([0xef, 0xbb, 0xbf], routes()) },
    expected: "1:1 byte_order_mark",
  },
  {
    name: "a byte order mark in an included file",
    files: { "routes.yaml": including("teams/a.yaml"), "teams/a.yaml": bytes([0xef, 0xbb, 0xbf], "{}\n") },
    expected: "teams/a.yaml:1:1 byte_order_mark",
  },
  {
    name: "UTF-16 with its mark",
    files: { "routes.yaml": bytes([0xff, 0xfe], utf16(routes())) },
    expected: "1:1 byte_order_mark|invalid_utf8",
  },
  {
    name: "a byte that UTF-8 does not have",
    files: { "routes.yaml": bytes("version: 1\n# a ", [0xff], " b\n", routes().slice(11)) },
    expected: "2:5 invalid_utf8",
  },
  {
    name: "Latin-1 behind an emoji",
    files: { "routes.yaml": bytes("# 😀 caf", [0xe9], "\n", routes()) },
    expected: "1:9 invalid_utf8",
  },
  {
    name: "an overlong slash",
    files: { "routes.yaml": bytes("version: 1\n\n#", [0xc0, 0xaf], "\n") },
    expected: "3:2 invalid_utf8",
  },
  {
    name: "half a surrogate pair",
    files: { "routes.yaml": bytes(routes(), "# é", [0xed, 0xa0, 0x80], "\n") },
    expected: "6:4 invalid_utf8",
  },
  {
    name: "a letter cut off by the end of the file",
    files: { "routes.yaml": bytes(routes(), "# ", [0xe2, 0x82]) },
    expected: "6:3 invalid_utf8",
  },
  {
    name: "bad UTF-8 in an included file",
    files: {
      "routes.yaml": including("teams/a.yaml"),
      "teams/a.yaml": bytes("# ", [0x80], "\naliases: {}\n"),
    },
    expected: "teams/a.yaml:1:3 invalid_utf8",
  },
  {
    name: "a NUL in a comment",
    files: { "routes.yaml": bytes("version: 1 # a", [0], "b\n", routes().slice(11)) },
    expected: "1:15 nul_byte",
  },
  {
    name: "a NUL in a value behind an emoji",
    files: {
      "routes.yaml": bytes('version: 1\nproviders:\n  openai: { kind: openai, tags: ["🚂', [0], '"] }\n'),
    },
    expected: "3:37 nul_byte",
  },
  {
    name: "a NUL at the very end",
    files: { "routes.yaml": bytes(routes(), [0]) },
    expected: "6:1 nul_byte",
  },
  {
    name: "one byte over a mebibyte",
    files: { "routes.yaml": filled(routes(), MiB + 1) },
    expected: "1:1 file_too_large",
  },
  {
    name: "a mebibyte in two files and one byte more",
    files: {
      "routes.yaml": filled(routes("include: [teams/a.yaml]\n"), MiB / 2),
      "teams/a.yaml": filled("aliases: { gpt-4: chat }\n", MiB / 2 + 1),
    },
    expected: "routes.yaml:1:1|teams/a.yaml:1:1 file_too_large",
  },
  {
    name: "a dangling provider behind Windows line ends",
    files: { "routes.yaml": bytes(routes().replace("[openai/", "[opnai/").replaceAll("\n", "\r\n")) },
    expected: "5:21 unknown_provider",
  },
  {
    name: "twenty thousand open brackets",
    files: { "routes.yaml": bytes(routes(), "aliases: ", "[".repeat(20_000), "\n") },
    expected: "*:* yaml_syntax|alias_bomb",
  },
  {
    name: "an include that is a link out of the directory",
    files: { "routes.yaml": including("teams/a.yaml"), "teams/b.yaml": aliases },
    links: { "teams/a.yaml": "/etc/hostname" },
    expected: "2:11 bad_include",
  },
  {
    name: "an include through a directory that is a link out",
    files: { "routes.yaml": including("teams/hostname"), "other/a.yaml": aliases },
    links: { teams: "/etc" },
    expected: "2:11 bad_include",
  },
  {
    name: "a pattern that finds a link out of the directory",
    files: { "routes.yaml": including("teams/*.yaml"), "teams/a.yaml": aliases },
    links: { "teams/b.yaml": "/etc/hostname" },
    expected: "2:11 bad_include",
  },
  {
    name: "an include that is a link to nothing",
    files: { "routes.yaml": including("teams/a.yaml"), "teams/b.yaml": aliases },
    links: { "teams/a.yaml": "gone.yaml" },
    expected: "2:11 bad_include",
  },
  {
    name: "an include that is a link to itself",
    files: { "routes.yaml": including("teams/a.yaml"), "teams/b.yaml": aliases },
    links: { "teams/a.yaml": "a.yaml" },
    expected: "2:11 bad_include",
  },
];
