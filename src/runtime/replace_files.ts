import { mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A file that is ready to take another's place. */
interface Ready {
  readonly temporary: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Replaces files, or makes them: each is written beside its place, on disk before it is renamed, and keeps its mode and
 * owner. A place that cannot be renamed onto, as one mounted by itself, is written in place. Why nothing was changed is a
 * phrase without the contents; null when all was done.
 */
export async function replaceFiles(files: ReadonlyMap<string, Uint8Array>): Promise<string | null> {
  const ready: Ready[] = [];
  try {
    for (const [path, bytes] of files) ready.push(await prepare(path, bytes));
    for (const each of ready) await putInPlace(each);
    return null;
  } catch (error) {
    return error instanceof Error && "code" in error
      ? (phrases[String(error.code)] ?? String(error.code))
      : "unknown reason";
  } finally {
    for (const { temporary } of ready) await rm(temporary, { force: true });
  }
}

const phrases: Readonly<Record<string, string>> = {
  EROFS: "its disk is read-only",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOSPC: "its disk is full",
  EEXIST: "a file stands where a directory has to be",
  ENOTDIR: "a file stands where a directory has to be",
};

async function prepare(path: string, bytes: Uint8Array): Promise<Ready> {
  await mkdir(dirname(path), { recursive: true });
  const before = await stat(path).catch(() => null);
  // Hidden, so that no pattern of an include finds it.
  const temporary = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  const handle = await open(temporary, "wx", before === null ? 0o644 : before.mode & 0o777);
  try {
    await handle.writeFile(bytes);
    if (before !== null) {
      await handle.chmod(before.mode & 0o777);
      // Only the superuser can give a file away; to anybody else it is his own already, or remains so.
      await handle.chown(before.uid, before.gid).catch(() => {});
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { temporary, path, bytes };
}

async function putInPlace({ temporary, path, bytes }: Ready): Promise<void> {
  try {
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    const isMounted = error instanceof Error && "code" in error && error.code === "EBUSY";
    if (!isMounted) throw error;
    await writeFile(path, bytes, { flush: true });
  }
}

/** A rename is on disk once its directory is. Where that cannot be asked for, it comes by itself. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r").catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
