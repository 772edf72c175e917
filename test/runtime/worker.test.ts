import { expect, setDefaultTimeout, test } from "bun:test";
import { startThread } from "../../src/runtime/worker.ts";

setDefaultTimeout(20_000);

test.each([
  ["fell over", "fall", "fell over"],
  ["left without a word", "leave", "it was ended"],
])("a thread that %s is reported, started again and greeted as before", async (_, end, why) => {
  const heard: string[] = [];
  await new Promise<void>((resolve) => {
    const thread = startThread<string, string>(new URL("./thread.ts", import.meta.url), {
      greeting: () => ["hello"],
      onMessage: (message) => {
        heard.push(message);
        if (heard.length === 1) thread.post(end);
        if (message === "heard hello" && heard.length > 1) {
          thread.stop();
          resolve();
        }
      },
      onCrash: (message) => {
        heard.push(message);
        expect(thread.post("nobody is there")).toBe(false);
      },
    });
  });
  expect(heard).toEqual(["heard hello", expect.stringContaining(why), "heard hello"]);
});
