import { expect, test } from "bun:test";
import { startThread } from "../../src/runtime/worker.ts";

test("a thread that fell over is reported, started again and greeted as before", async () => {
  const heard: string[] = [];
  await new Promise<void>((resolve) => {
    const thread = startThread<string, string>(new URL("./thread.ts", import.meta.url), {
      greeting: () => ["hello"],
      onMessage: (message) => {
        heard.push(message);
        if (heard.length === 1) thread.post("fall");
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
  expect(heard).toEqual(["heard hello", expect.stringContaining("fell over"), "heard hello"]);
});
