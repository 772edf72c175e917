import { openLogs } from "../../src/logs/logs.ts";

/** A process that says one thing and ends. */
const dir = process.argv[2] ?? "";
const logs = openLogs({ dir, level: "info", stdout: true, maxFileBytes: 1024 ** 2, keepMs: 86_400_000 });
logs.system.info({}, "hello");
await logs.close();
