import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** Files of the two viewers, by the name under which they are served: all from packages on this machine. */
const files = {
  "swagger-ui.css": ["swagger-ui-dist/swagger-ui.css", "text/css; charset=utf-8"],
  "swagger-ui-bundle.js": ["swagger-ui-dist/swagger-ui-bundle.js", "text/javascript; charset=utf-8"],
  "redoc.standalone.js": ["redoc/bundles/redoc.standalone.js", "text/javascript; charset=utf-8"],
} as const satisfies Readonly<Record<string, readonly [specifier: string, type: string]>>;

/** A file of {@link files}. */
export type AssetName = keyof typeof files;

/** Whether there is such a file. */
export const isAsset = (name: string): name is AssetName => Object.hasOwn(files, name);

const packed = new Map<AssetName, Uint8Array<ArrayBuffer>>();

/** The file, compressed; read and packed when it is first asked for. */
export function assetResponse(name: AssetName): Response {
  const [specifier, type] = files[name];
  const known =
    packed.get(name) ?? new Uint8Array(gzipSync(readFileSync(fileURLToPath(import.meta.resolve(specifier)))));
  packed.set(name, known);
  return new Response(known, {
    headers: {
      "content-type": type,
      "content-encoding": "gzip",
      "cache-control": "public, max-age=3600",
      "x-content-type-options": "nosniff",
    },
  });
}
