import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rawServer } from "../test/runtime/http1/raw_server.ts";
import { chat, type Running, startGateway } from "../test/support/gateway.ts";
import { startUpstream } from "../test/support/upstream.ts";
import { chunk, chunked, faults, head, type Seen, split, streamed } from "./fault_kinds.ts";

/**
 * Every fault of a provider × streamed or not × one or two targets, against sockets that do exactly that; then FIN and
 * RST at every byte of a stream. Prints a table; exits with 1 when a client saw anything but what DESIGN.md §5 says.
 */

const policy = `failover:
  default: { retries: 0, backoff: { base: 1ms, max: 2ms }, breaker: { failures: 100000, within: 1s, open_for: 1ms } }
`;
const clocks = "timeouts: { connect: 1s, first_byte: 250ms, answer: 250ms, idle: 250ms, total: 3s }";

interface Cell {
  readonly fault: string;
  readonly stream: boolean;
  readonly targets: 1 | 2;
}
const idOf = ({ fault, stream, targets }: Cell) => `${fault}-${stream ? "s" : "w"}${targets}`;

/** What the client saw, and whether all of it was there. */
function judge(
  stream: boolean,
  response: Response,
  text: string,
): { readonly seen: Seen | "cut"; readonly words: string } {
  if (response.status !== 200)
    return { seen: JSON.parse(text).error?.message === undefined ? "cut" : "fails", words: "" };
  if (!stream) return { seen: "fine", words: JSON.parse(text).choices[0].message.content };
  const events = text.split("\n\n").filter((part) => part.startsWith("data: "));
  const content = [...text.matchAll(/"content":"((?:[^"\\]|\\.)*)"/g)].map(([, piece]) => piece).join("");
  if (events.at(-1) === "data: [DONE]") return { seen: "fine", words: content };
  return { seen: events.at(-1)?.startsWith('data: {"error"') ? "breaks" : "cut", words: content };
}

async function faultsTable(): Promise<number> {
  const server = rawServer((peer, n) => {
    const path = peer.requests.at(-1)?.split(" ")[1] ?? "";
    const [fault = "", how = ""] = (path.split("/")[1] ?? "").split("-");
    faults[fault]?.act(how.startsWith("s"))(peer, n);
  });
  const good = startUpstream();
  // A provider for each cell: breakers, cooldowns and retry budgets of one must not touch another.
  const cells: readonly Cell[] = [...Object.keys(faults), "refused", "dns"].flatMap((fault) =>
    [false, true].flatMap((stream) => ([1, 2] as const).map((targets) => ({ fault, stream, targets }))),
  );
  const addresses: Readonly<Record<string, string>> = {
    refused: "http://127.0.0.1:1",
    dns: "http://nowhere.invalid",
  };
  const gateway = await startGateway(`
${clocks}
providers:
${cells.map((cell) => `  good-${idOf(cell)}: { kind: openai, base_url: "${good.url}" }`).join("\n")}
${cells.map((cell) => `  ${idOf(cell)}: { kind: openai, base_url: "${addresses[cell.fault] ?? `http://${server.url.host}`}/${idOf(cell)}", limits: { concurrency: 1 } }`).join("\n")}
models:
${cells.map((cell) => `  ${idOf(cell)}: { targets: [${idOf(cell)}/m${cell.targets === 2 ? `, good-${idOf(cell)}/m` : ""}] }`).join("\n")}
${policy}`);

  const rows = new Map<string, string[]>();
  let wrong = 0;
  const test = async (cell: Cell): Promise<void> => {
    const { fault, stream, targets } = cell;
    const startedAt = performance.now();
    const response = await gateway.post("/v1/chat/completions", chat(idOf(cell), { stream }));
    const { seen } = judge(stream, response, await response.text());
    const tookMs = performance.now() - startedAt;
    const { whole: w, stream: s } = faults[fault] ?? { whole: "fails", stream: "fails" };
    const alone = stream ? s : w;
    const wanted = targets === 2 && alone === "fails" ? "fine" : alone;
    const good = seen === wanted && tookMs < 3_500;
    if (!good) wrong += 1;
    const shown = good ? seen : `${seen}, not ${wanted} (${response.status}, ${Math.round(tookMs)} ms)`;
    rows.set(fault, [...(rows.get(fault) ?? []), `${idOf(cell).split("-")[1]}: ${shown}`]);
  };
  for (let at = 0; at < cells.length; at += 16) await Promise.all(cells.slice(at, at + 16).map(test));
  for (const [fault, cellsOf] of rows)
    console.log(
      fault.padEnd(18),
      cellsOf
        .toSorted()
        .map((cell) => cell.padEnd(12))
        .join(" "),
    );
  wrong += await leftovers(gateway);
  console.log(`${cells.length - wrong}/${cells.length} cells as they should be\n`);
  await gateway.stop();
  server[Symbol.dispose]();
  await good.stop();
  return wrong;
}

/** Nothing may be under way or reserved when all is over. */
async function leftovers(gateway: Running): Promise<number> {
  const { in_flight } = await (await fetch(`${gateway.url}/health`)).json();
  const text = await (await fetch(`${gateway.url}/metrics`, { headers: { accept: "text/plain" } })).text();
  const held = text
    .split("\n")
    .filter((line) => line.includes('limit="concurrency"') && !line.endsWith(" 0"));
  console.log(`in flight ${in_flight}, reserved ${held.length}`);
  return Number(in_flight !== 0) + held.length;
}

/** A recorded stream where there is one, else ours. */
function recorded(): string {
  const folder = join(import.meta.dir, "../../shared/fixtures/openai");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".sse")) : [];
  const texts = names.map((name) => readFileSync(join(folder, name), "utf8"));
  const fit = texts.filter(
    (text) => text.includes('"content":"') && text.includes("[DONE]") && text.includes('"stop"'),
  );
  return fit.toSorted((a, b) => a.length - b.length)[0] ?? streamed;
}

async function everyByte(): Promise<number> {
  const body = recorded();
  const finishAt = body.search(/"finish_reason":\s*"/);
  const complete = body.indexOf("\n\n", finishAt) + 2;
  const framings: Readonly<Record<string, string>> = {
    chunked: head(true, chunked) + split(body, 97).map(chunk).join(""),
    closed: head(true, "connection: close\r\n") + body,
  };
  const server = rawServer((peer) => {
    const { model } = JSON.parse(peer.requests.at(-1)?.split("\r\n\r\n")[1] ?? "{}");
    const [framing = "", ending, at] = String(model).split("-");
    peer.socket.write(Buffer.from((framings[framing] ?? "").slice(0, Number(at)), "latin1"));
    if (ending === "fin") peer.socket.end();
    else setTimeout(() => peer.socket.terminate(), 1);
  });
  const gateway = await startGateway(`
${clocks}
providers: { cut: { kind: openai, base_url: "http://${server.url.host}" } }
models: { "*": { targets: ["cut/*"] } }
${policy}`);
  const whole = [...body.matchAll(/"content":"((?:[^"\\]|\\.)*)"/g)].map(([, piece]) => piece).join("");
  let wrong = 0;
  for (const [framing, text] of Object.entries(framings)) {
    for (const ending of ["fin", "rst"]) {
      const tally: Record<string, number> = {};
      let lying = 0;
      const one = async (at: number): Promise<void> => {
        const response = await gateway.post(
          "/v1/chat/completions",
          chat(`${framing}-${ending}-${at}`, { stream: true }),
        );
        const { seen, words: got } = judge(true, response, await response.text());
        tally[seen] = (tally[seen] ?? 0) + 1;
        const bodyBytes = at - (text.indexOf("\r\n\r\n") + 4);
        // Chunk heads only add bytes, so this is the earliest at which the finish can have come.
        const early = bodyBytes < complete - 2 || got !== whole;
        if (seen === "cut" || (seen === "fine" && early)) lying += 1;
      };
      for (let at = 0; at < text.length; at += 64)
        await Promise.all(
          Array.from({ length: Math.min(64, text.length - at) }, (_, index) => one(at + index)),
        );
      const counts = ["fails", "breaks", "fine", "cut"]
        .map((seen) => `${seen} ${tally[seen] ?? 0}`)
        .join(", ");
      console.log(
        `${framing}, ${ending} at each of ${text.length} bytes`.padEnd(40),
        `${counts}; cut streams that look complete: ${lying}`,
      );
      wrong += lying;
    }
  }
  wrong += await leftovers(gateway);
  await gateway.stop();
  server[Symbol.dispose]();
  return wrong;
}

const wrong = (await faultsTable()) + (await everyByte());
console.log(wrong === 0 ? "all good" : `${wrong} wrong`);
process.exit(wrong === 0 ? 0 : 1);
