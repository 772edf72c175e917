import { printPretty } from "../config/print.ts";
import { claimDirectory } from "../runtime/lock.ts";
import { fewestFiles, openFilesLimit } from "../runtime/process.ts";
import { readSettings, type Settings } from "../settings.ts";
import { exit } from "./exit.ts";

/** `serve`: the gateway, until SIGTERM or SIGINT. A second signal ends it at once. */
export async function serve(args: readonly string[]): Promise<number> {
  const settings = readSettings(args, process.env);
  if (!settings.ok) return fail(settings.error, exit.usage);
  const files = openFilesLimit();
  if (files !== null && files < fewestFiles) {
    return fail(`Only ${files} files may be open; a gateway needs ${fewestFiles} (ulimit -n).`, exit.usage);
  }
  const claimed = claimDirectory(settings.value.dataDir);
  if (!claimed.ok) return fail(`DATA_DIR: ${claimed.error}.`, exit.usage);

  // Loaded only now: a wrong setting is told at once.
  const { start } = await import("../server.ts");
  const server = await start(settings.value, process.env).catch((error: unknown) =>
    cannotListen(error, settings.value),
  );
  if (typeof server === "string") {
    claimed.value.release();
    return fail(server, exit.usage);
  }
  if (!server.ok) {
    claimed.value.release();
    console.error(printPretty(server.error));
    return exit.failed;
  }
  const { hostname, port, rollout, stop } = server.value;
  process.on("SIGHUP", () => void rollout.look());
  await signalled();
  process.once("SIGTERM", () => process.exit(exit.internal));
  process.once("SIGINT", () => process.exit(exit.internal));
  await stop(settings.value.drainMs);
  claimed.value.release();
  return exit.ok;

  function signalled(): Promise<void> {
    console.error(`Switchyard serves on http://${hostname}:${port}`);
    return new Promise((resolve) => {
      process.once("SIGTERM", resolve);
      process.once("SIGINT", resolve);
    });
  }
}

/** The setting that is wrong, where the platform could not listen; any other error is a bug. */
function cannotListen(error: unknown, { host, port }: Settings): string {
  const { code, syscall } = { code: "", syscall: "", ...(error instanceof Error ? error : {}) };
  if (syscall !== "listen" && syscall !== "getaddrinfo") throw error;
  if (code === "EADDRINUSE")
    return `PORT is ${port}, which another process listens on at ${host}; it has to be a free one.`;
  if (code === "EACCES")
    return `PORT is ${port}, which this user may not listen on; it has to be one from 1024 on.`;
  return `HOST is ${JSON.stringify(host)}; it has to be an address of this machine (${code}).`;
}

function fail(message: string, code: number): number {
  console.error(message);
  return code;
}
