import { expect, test } from "bun:test";
import { channelTo, printable } from "../../src/cli/shell.ts";

const stream = (isTTY: boolean) => ({ isTTY, on: () => {}, write: () => true });

test.each([
  ["a terminal", true, {}, true],
  ["a terminal of somebody who wants none", true, { NO_COLOR: "1" }, false],
  ["a terminal with NO_COLOR empty, which says nothing", true, { NO_COLOR: "" }, true],
  ["a dumb terminal", true, { TERM: "dumb" }, false],
  ["a pipe", false, {}, false],
])("%s", (_, isTTY, environment, coloured) => {
  const { paint } = channelTo(stream(isTTY), environment);
  expect(paint("red", "x")).toBe(coloured ? "\x1b[31mx\x1b[39m" : "x");
});

test("a dumb terminal is not written over", () => {
  expect(channelTo(stream(true), { TERM: "dumb" }).isTerminal).toBe(false);
  expect(channelTo(stream(true), { NO_COLOR: "1" }).isTerminal).toBe(true);
});

test("a write is over when the stream says so", async () => {
  const events: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = {
    on: () => {},
    write: (text: string, written: () => void) => {
      void promise.then(() => {
        events.push(text);
        written();
      });
      return false;
    },
  };
  const writing = channelTo(slow, {})
    .write("x")
    .then(() => events.push("written"));
  resolve();
  await writing;
  expect(events).toEqual(["x", "written"]);
});

test("what is printable keeps its lines and its letters", () => {
  expect(printable("a\tb\nc\r\x1b[0m\x07é😀\u009b")).toBe("a\tb\nc[0mé😀");
});
