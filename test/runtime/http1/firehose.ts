/** Runs as a process: answers one request with as many bytes as its argument says, as fast as they are taken, and exits. */
const [, , framing, total] = process.argv;
const block = Buffer.alloc(256 * 1024, "x");
const chunk = Buffer.concat([Buffer.from(`${block.length.toString(16)}\r\n`), block, Buffer.from("\r\n")]);
const unit = framing === "chunked" ? chunk : block;
const blocks = Math.floor(Number(total) / block.length);
const heads: Readonly<Record<string, string>> = {
  "content-length": `content-length: ${blocks * block.length}`,
  chunked: "transfer-encoding: chunked",
  close: "connection: close",
};

const listener = Bun.listen<{ block: number; at: number }>({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    data(socket) {
      if (socket.data !== undefined) return;
      socket.data = { block: 0, at: 0 };
      socket.write(`HTTP/1.1 200 OK\r\n${heads[framing ?? ""]}\r\n\r\n`);
      pour(socket);
    },
    drain: pour,
    close: () => process.exit(0),
  },
});
console.log(`http://127.0.0.1:${listener.port}/`);

function pour(socket: Bun.Socket<{ block: number; at: number }>): void {
  const state = socket.data;
  while (state.block < blocks) {
    const written = socket.write(unit.subarray(state.at));
    if (written <= 0) return;
    state.at += written;
    if (state.at < unit.length) return;
    state.at = 0;
    state.block += 1;
  }
  if (framing === "chunked") socket.write("0\r\n\r\n");
  state.block = Number.POSITIVE_INFINITY;
  if (framing === "close") socket.end();
}
