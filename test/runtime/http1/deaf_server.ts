import { createServer } from "node:net";

/** Runs as a thread: listens, says where, and then never lifts a hand again. What connects waits in the queue of 512. */
const server = createServer();
server.listen({ port: 0, host: "127.0.0.1" }, () => {
  const address = server.address();
  postMessage(typeof address === "object" ? address?.port : 0);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
});
