import { cpuMicros } from "./child.ts";
import { type Connection, openAll } from "./connection.ts";

/** Whom to send what. */
export interface Aim {
  readonly url: URL;
  readonly request: Uint8Array;
  /** The process whose CPU time is counted. */
  readonly pid: number;
}

/** What a measurement found. Fields that it does not measure are absent. */
export interface Sample {
  readonly perSecond?: number;
  readonly cpuMicros?: number;
  readonly p50Micros?: number;
  readonly p99Micros?: number;
  readonly errors: number;
}

const firstEvent = Buffer.from("data:");
const newline = 10;

/** As many requests as possible over `connections` keep-alive connections. */
export async function throughput(
  aim: Aim,
  connections: number,
  warmMs: number,
  measureMs: number,
): Promise<Sample> {
  let answered = 0;
  let errors = 0;
  let open = true;
  const pool = await openAll(connections, aim.url, {
    done: (status, connection) => {
      if (status === 200) answered += 1;
      else errors += 1;
      if (open && !connection.closed) connection.send(aim.request);
    },
  });
  for (const connection of pool) connection.send(aim.request);
  await Bun.sleep(warmMs);
  const [answeredBefore, cpuBefore, from] = [answered, cpuMicros(aim.pid), performance.now()];
  await Bun.sleep(measureMs);
  const [count, cpu, ms] = [
    answered - answeredBefore,
    cpuMicros(aim.pid) - cpuBefore,
    performance.now() - from,
  ];
  open = false;
  closeAll(pool);
  return { perSecond: (count * 1000) / ms, cpuMicros: cpu / Math.max(1, count), errors };
}

/** Requests at a fixed rate, whatever the answers do; the time from sending to the last byte of each. */
export async function fixedRate(
  aim: Aim,
  perSecond: number,
  warmMs: number,
  measureMs: number,
): Promise<Sample> {
  const micros: number[] = [];
  let errors = 0;
  let measuring = false;
  const idle: Connection[] = [];
  const all = await openAll(32, aim.url, {
    done: (status, connection) => {
      if (status !== 200) errors += 1;
      else if (measuring) micros.push((performance.now() - connection.sentAt) * 1000);
      if (!connection.closed) idle.push(connection);
    },
  });
  idle.push(...all);
  const from = performance.now();
  for (let sent = 0; performance.now() - from < warmMs + measureMs; ) {
    const elapsed = performance.now() - from;
    measuring = elapsed > warmMs;
    for (const due = Math.floor((elapsed * perSecond) / 1000); sent < due; sent += 1) {
      const free = idle.pop();
      // More than 32 under way at this rate is a gateway that has stalled.
      if (free === undefined || free.closed) errors += 1;
      else free.send(aim.request);
    }
    await Bun.sleep(1);
  }
  closeAll(all);
  return { ...percentiles(micros), errors };
}

/** One stream after the other; the time from the request to the first event of its answer. */
export async function firstByte(aim: Aim, warmMs: number, measureMs: number): Promise<Sample> {
  const micros: number[] = [];
  let errors = 0;
  let open = true;
  const from = performance.now();
  const pool = await openAll(1, aim.url, {
    piece: (bytes, connection) => {
      if (connection.seen > 0 || !bytes.includes(firstEvent)) return;
      connection.seen = 1;
      const now = performance.now();
      if (now - from > warmMs) micros.push((now - connection.sentAt) * 1000);
    },
    done: (status, connection) => {
      if (status !== 200 || connection.seen === 0) errors += 1;
      if (open && !connection.closed) connection.send(aim.request);
    },
  });
  for (const connection of pool) connection.send(aim.request);
  await Bun.sleep(warmMs + measureMs);
  open = false;
  closeAll(pool);
  return { ...percentiles(micros), errors };
}

/** Many paced streams at once: events that arrive in a second, and what each costs. */
export async function streams(aim: Aim, count: number, warmMs: number, measureMs: number): Promise<Sample> {
  let events = 0;
  let errors = 0;
  let open = true;
  const pool = await openAll(count, aim.url, {
    piece: (bytes, connection) => {
      // An event ends with an empty line; `seen` remembers a line break at the end of the piece before.
      let previous = connection.seen;
      for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) {
        if (at === 0 ? previous === 1 : bytes[at - 1] === newline) events += 1;
        previous = 0;
      }
      connection.seen = bytes[bytes.length - 1] === newline ? 1 : 0;
    },
    done: () => {
      if (open) errors += 1; // the upstream's streams last longer than the measurement
    },
  });
  for (const connection of pool) connection.send(aim.request);
  await Bun.sleep(warmMs + 500);
  const [eventsBefore, cpuBefore, from] = [events, cpuMicros(aim.pid), performance.now()];
  await Bun.sleep(measureMs);
  const [seen, cpu, ms] = [events - eventsBefore, cpuMicros(aim.pid) - cpuBefore, performance.now() - from];
  open = false;
  closeAll(pool);
  return { perSecond: (seen * 1000) / ms, cpuMicros: cpu / Math.max(1, seen), errors };
}

function closeAll(pool: readonly Connection[]): void {
  for (const connection of pool) connection.close();
}

function percentiles(values: number[]): Pick<Sample, "p50Micros" | "p99Micros"> {
  if (values.length === 0) return {};
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
  return { p50Micros: at(0.5), p99Micros: at(0.99) };
}
