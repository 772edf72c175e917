import { fileURLToPath } from "node:url";
import { err, ok, type Result } from "../core/result.ts";

/** Browser code, ready to be served. */
export interface Bundle {
  /** The name of the script to begin with. */
  readonly entry: string;
  /** Every file by its name; all but the entry are loaded by others, as they are needed. */
  readonly files: ReadonlyMap<string, { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string }>;
}

/**
 * Makes browser code of a module and all that it imports, on threads of the platform's own. What it refuses is told as it
 * says it. Deno has `deno bundle` in this place.
 */
export async function bundle(module: URL): Promise<Result<Bundle, string>> {
  const built = await Bun.build({
    entrypoints: [fileURLToPath(module)],
    target: "browser",
    format: "esm",
    splitting: true,
    minify: true,
    throw: false,
    define: { "process.env.NODE_ENV": '"production"' },
    naming: { entry: "[name]-[hash].[ext]", chunk: "[name]-[hash].[ext]", asset: "[name]-[hash].[ext]" },
  });
  if (!built.success) return err(built.logs.map(String).join("\n"));
  const files = new Map<string, { bytes: Uint8Array<ArrayBuffer>; type: string }>();
  let entry = "";
  for (const output of built.outputs) {
    const name = output.path.replace(/^.*\//, "");
    if (output.kind === "entry-point" && output.type.includes("javascript")) entry = name;
    files.set(name, { bytes: new Uint8Array(await output.arrayBuffer()), type: output.type });
  }
  return ok({ entry, files });
}
