import { exit } from "node:process";
import { serveThread } from "../../src/runtime/worker.ts";

/** A thread that answers, and falls over or leaves when it is told to. */
serveThread<string, string>((message, reply) => {
  if (message === "fall") throw new Error("fell over");
  if (message === "leave") exit(1);
  reply(`heard ${message}`);
});
