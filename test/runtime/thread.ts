import { serveThread } from "../../src/runtime/worker.ts";

/** A thread that answers, and falls over when it is told to. */
serveThread<string, string>((message, reply) => {
  if (message === "fall") throw new Error("fell over");
  reply(`heard ${message}`);
});
