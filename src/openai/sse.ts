/** One server-sent event: its `event:` name (empty when unnamed) and its `data:` lines joined by newlines. */
export interface ServerSentEvent {
  readonly name: string;
  readonly data: string;
}

/** What a piece of text completed. `overflow`: one event went over the bound; nothing after it is read. */
export interface Decoded {
  readonly events: readonly ServerSentEvent[];
  readonly overflow: boolean;
}

/** The bound of one event, in UTF-16 units, which are never more than its bytes. */
export const maxEventLength = 4 * 1024 * 1024;

const newline = 10;
const carriageReturn = 13;
const byteOrderMark = 0xfeff;

/**
 * Reads server-sent events out of decoded text, cut anywhere; in time linear in the text.
 *
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class SseDecoder {
  #name = "";
  #data: string | null = null;
  /** Pieces of a line that has not ended: joined once, so that a long line in small pieces stays linear. */
  #line: string[] = [];
  #length = 0;
  #started = false;
  #skipNewline = false;
  #overflow = false;

  /** Takes the next piece of text and gives the events it completes. */
  feed(text: string): Decoded {
    const events: ServerSentEvent[] = [];
    let at = 0;
    if (!this.#started && text.length > 0) {
      this.#started = true;
      if (text.charCodeAt(0) === byteOrderMark) at = 1;
    }
    if (this.#skipNewline && at < text.length) {
      this.#skipNewline = false;
      if (text.charCodeAt(at) === newline) at += 1;
    }
    const hasReturns = text.indexOf("\r", at) !== -1;
    while (at < text.length && !this.#overflow) at = this.#takeLine(text, at, hasReturns, events);
    return { events, overflow: this.#overflow };
  }

  /** Reads up to the next line end and returns where to go on. */
  #takeLine(text: string, at: number, hasReturns: boolean, events: ServerSentEvent[]): number {
    const end = lineEnd(text, at, hasReturns);
    if (end === -1) {
      this.#line.push(at === 0 ? text : text.slice(at));
      this.#grow(text.length - at);
      return text.length;
    }
    this.#grow(end - at);
    if (this.#overflow) return text.length;
    if (this.#line.length > 0) {
      this.#line.push(text.slice(at, end));
      const whole = this.#line.join("");
      this.#line = [];
      this.#interpret(whole, 0, whole.length, events);
    } else {
      this.#interpret(text, at, end, events);
    }
    if (!hasReturns || text.charCodeAt(end) === newline) return end + 1;
    if (end + 1 === text.length) this.#skipNewline = true;
    return text.charCodeAt(end + 1) === newline ? end + 2 : end + 1;
  }

  #grow(by: number): void {
    this.#length += by;
    if (this.#length > maxEventLength) this.#overflow = true;
  }

  /** The line is `text` from `start` to `end`: no slice is made of what is not kept. */
  #interpret(text: string, start: number, end: number, events: ServerSentEvent[]): void {
    if (start === end) {
      this.#dispatch(events);
    } else if (text.startsWith("data", start) && isFieldEnd(text, start + 4, end)) {
      const value = valueAfter(text, start + 4, end);
      this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
    } else if (text.startsWith("event", start) && isFieldEnd(text, start + 5, end)) {
      this.#name = valueAfter(text, start + 5, end);
    } else if (this.#data === null && this.#name === "") {
      // A comment between events belongs to none of them.
      this.#length = 0;
    }
  }

  #dispatch(events: ServerSentEvent[]): void {
    if (this.#data !== null) events.push({ name: this.#name, data: this.#data });
    this.#name = "";
    this.#data = null;
    this.#length = 0;
  }
}

/** An unnamed event of one line: JSON text holds no raw newline. */
export const encodeData = (json: string): string => `data: ${json}\n\n`;

function lineEnd(text: string, at: number, hasReturns: boolean): number {
  if (!hasReturns) return text.indexOf("\n", at);
  for (let end = at; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === newline || code === carriageReturn) return end;
  }
  return -1;
}

const isFieldEnd = (text: string, at: number, end: number): boolean => at === end || text[at] === ":";

function valueAfter(text: string, colon: number, end: number): string {
  if (colon === end) return "";
  return text.slice(text[colon + 1] === " " && colon + 1 < end ? colon + 2 : colon + 1, end);
}
