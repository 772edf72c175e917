import { realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Puts a text in a file's place in one step, so that nobody reads half of it. Links are followed; a file keeps its mode. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const real = await realpath(path).catch(() => path);
  const mode = await stat(real).then(
    (found) => found.mode & 0o777,
    () => undefined,
  );
  const beside = join(dirname(real), `.${basename(real)}.${process.pid}`);
  try {
    await writeFile(beside, text, { flag: "wx", ...(mode === undefined ? {} : { mode }) });
    await rename(beside, real);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
