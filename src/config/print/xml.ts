type Attributes = Readonly<Record<string, string | number>>;

/** An element of XML 1.0 with others in it, each on lines of its own. */
export function element(name: string, attributes: Attributes, children: readonly string[]): string {
  if (children.length === 0) return `<${name}${listOf(attributes)}/>`;
  const inside = children.join("\n").replace(/^/gm, "  ");
  return `<${name}${listOf(attributes)}>\n${inside}\n</${name}>`;
}

/** An element with nothing but text in it. */
export const textElement = (name: string, attributes: Attributes, text: string): string =>
  `<${name}${listOf(attributes)}>${written(text)}</${name}>`;

/** A whole document. */
export const xml = (root: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n${root}`;

const listOf = (attributes: Attributes): string =>
  Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${written(String(value))}"`)
    .join("");

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

/** Text for XML 1.0, which has no room for most control characters. */
const written = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "�")
    .replace(/[&<>"\n\r\t]/g, (sign) => entities[sign] ?? sign);
