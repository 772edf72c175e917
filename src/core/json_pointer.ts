import { isRecord } from "./record.ts";

/** What a JSON pointer looks like; the empty one, which is the whole document, is of no use here and left out. */
export const jsonPointerPattern = "^(/([^/~]|~[01])*)+$";

/** What a pointer leads to in a decoded JSON document; undefined where it leads nowhere. https://www.rfc-editor.org/rfc/rfc6901 */
export function valueAt(document: unknown, pointer: string): unknown {
  if (pointer === "") return document;
  if (!pointer.startsWith("/")) return undefined;
  let value = document;
  for (const token of pointer.slice(1).split("/")) {
    // `~1` first: `~01` is `~1`, and no slash.
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value)) value = arrayIndex.test(name) ? value[Number(name)] : undefined;
    else if (isRecord(value) && Object.hasOwn(value, name)) value = value[name];
    else return undefined;
  }
  return value;
}

/** Without leading zeros; `-`, the element after the last, is never there. */
const arrayIndex = /^(0|[1-9][0-9]*)$/;
