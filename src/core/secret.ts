/** A value that must never be seen: text, JSON and inspection all show `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one place that puts it on the wire. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "[secret]";
  }
}

/** Shorter values are no secrets, and would be found everywhere. */
const shortest = 4;

/**
 * Replaces every occurrence of `secrets` in a text that a provider wrote, so that an echo leaks nothing: as it is, as JSON
 * writes it, and where the text was cut in the middle of it.
 */
export function scrub(text: string, secrets: readonly Secret[]): string {
  let clean = text;
  for (const secret of secrets) {
    const value = secret.reveal();
    if (value.length < shortest) continue;
    for (const form of new Set([value, JSON.stringify(value).slice(1, -1)])) {
      clean = clean.replaceAll(form, "[secret]");
      clean = withoutCutEnd(clean, form);
    }
  }
  return clean;
}

function withoutCutEnd(text: string, value: string): string {
  const end = text.endsWith("…") ? text.length - 1 : text.length;
  for (let length = Math.min(value.length - 1, end); length >= 2 * shortest; length--) {
    if (text.startsWith(value.slice(0, length), end - length))
      return `${text.slice(0, end - length)}[secret]`;
  }
  return text;
}
