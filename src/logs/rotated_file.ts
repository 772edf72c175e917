import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { createStream, type RotatingFileStream } from "rotating-file-stream";
import type { DurationMs, EpochMs } from "../core/units.ts";

/** How much a log may take up: bytes of one file, and the age at which a rotated one is deleted. */
export interface LogBounds {
  readonly maxFileBytes: number;
  readonly keepMs: DurationMs;
}

/** One log file that is rotated by size and by time, and comes back when it was taken away. */
export interface RotatedFile {
  /** Appends whole lines; false when they could not be written and are lost. Called one after the other. */
  readonly append: (lines: string) => Promise<boolean>;
  /** Closes it; the next `append` opens it again, under the bounds then in force. */
  readonly close: () => Promise<void>;
}

/** Bytes handed over at once: a file passes its bound by no more than that, or by one line. */
const pieceBytes = 256 * 1024;

interface Opened {
  readonly stream: RotatingFileStream;
  readonly inode: () => bigint | null;
}

/** `DIR/NAME.log`; rotated ones are `NAME-20270131T093000Z-1.log.gz`. */
export function rotatedFile(dir: string, name: string, bounds: () => LogBounds): RotatedFile {
  const file = join(dir, `${name}.log`);
  let opened: Opened | null = null;

  const close = async (): Promise<void> => {
    const last = opened;
    opened = null;
    if (last !== null) await new Promise<void>((resolve) => last.stream.end(resolve));
  };

  const ready = async (): Promise<RotatingFileStream> => {
    // a file that was unlinked takes every line and keeps none
    if (opened !== null && (opened.stream.destroyed || opened.inode() !== inodeOf(file))) await close();
    opened ??= await open(dir, name, file, bounds());
    return opened.stream;
  };

  const append = async (lines: string): Promise<boolean> => {
    try {
      for (const piece of piecesOf(lines, Math.min(pieceBytes, bounds().maxFileBytes))) {
        const stream = await ready();
        await new Promise<void>((resolve, reject) => {
          stream.write(piece, (error) => (error ? reject(error) : resolve()));
        });
      }
      return true;
    } catch {
      opened?.stream.destroy();
      opened = null;
      return false;
    }
  };
  return { append, close };
}

/** Deletes rotated files that were last written before `now - keepMs`, and empty ones. */
export function removeOld(dir: string, keepMs: DurationMs, now: EpochMs): void {
  for (const entry of readdirSync(dir)) {
    if (!/^(system|error|interactions)-\d{8}T\d{6}Z-\d+\.log(\.gz)?$/.test(entry)) continue;
    const found = statSync(join(dir, entry), { throwIfNoEntry: false });
    if (found !== undefined && (found.size === 0 || found.mtimeMs < now - keepMs))
      rmSync(join(dir, entry), { force: true });
  }
}

async function open(dir: string, name: string, file: string, bounds: LogBounds): Promise<Opened> {
  mkdirSync(dir, { recursive: true });
  const torn = endsInTornLine(file);
  const rotatedName = (time: number | Date, index = 1): string => {
    if (!(time instanceof Date)) return `${name}.log`;
    return `${name}-${time.toISOString().replaceAll(/[-:]|\.\d+/g, "")}-${index}.log.gz`;
  };
  const stream = createStream(rotatedName, {
    path: dir,
    size: `${Math.max(1, Math.floor(bounds.maxFileBytes))}B`,
    // so that a quiet log too comes to be old enough to go
    interval: bounds.keepMs >= 2 * 86_400_000 ? "1d" : bounds.keepMs >= 2 * 3_600_000 ? "1h" : "1m",
    intervalUTC: true,
    compress: "gzip",
    initialRotation: true,
  });
  let inode: bigint | null = null;
  await new Promise<void>((resolve, reject) => {
    stream.on("error", reject);
    stream.on("open", () => {
      inode = inodeOf(file);
      resolve();
    });
  });
  if (torn) stream.write("\n");
  return { stream, inode: () => inode };
}

/** A process that was killed, or a disk that ran full, can leave half a line behind. */
function endsInTornLine(file: string): boolean {
  if (inodeOf(file) === null) return false;
  const descriptor = openSync(file, "r");
  try {
    const { size } = fstatSync(descriptor);
    const last = Buffer.alloc(1);
    return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
  } finally {
    closeSync(descriptor);
  }
}

function* piecesOf(lines: string, bytes: number): Iterable<string> {
  if (lines.length <= bytes) return yield lines;
  let from = 0;
  while (from < lines.length) {
    const fit = lines.lastIndexOf("\n", from + bytes - 1);
    const end = fit >= from ? fit : lines.indexOf("\n", from);
    yield lines.slice(from, end === -1 ? undefined : end + 1);
    if (end === -1) return;
    from = end + 1;
  }
}

function inodeOf(file: string): bigint | null {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}
