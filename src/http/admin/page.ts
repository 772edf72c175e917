import { gzipSync } from "node:zlib";
import { Elysia } from "elysia";
import type { Result } from "../../core/result.ts";
import { refuse } from "../../domain/refusal.ts";
import type { Gateway } from "../../gateway/gateway.ts";
import { commonHeaders } from "../../gateway/response/headers.ts";
import { refusalResponse } from "../../gateway/response/respond.ts";
import { type Bundle, bundle } from "../../runtime/bundle.ts";
import { arrivalOf } from "../door.ts";
import { notThere } from "../errors.ts";
import { type AdminFacts, turnedAway } from "./guard.ts";

/**
 * GET /admin: the page for administrators, open as far as its login goes, which names nothing; and the scripts of it. They
 * are made of `src/admin` when they are first asked for, once.
 */
export function page({ gateway, admin }: { readonly gateway: Gateway; readonly admin: AdminFacts }) {
  const made = once(make);
  const guard = async (request: Request, give: (files: Packed) => Response): Promise<Response> => {
    const live = gateway.pointer.current();
    const headers = commonHeaders(arrivalOf(request), live);
    const refusal = turnedAway(admin, live, request);
    if (refusal !== null) return refusalResponse(refusal, headers);
    const files = await made();
    return files.ok ? give(files.value) : refusalResponse(refuse("internal_error", files.error), headers);
  };
  return new Elysia({ name: "page" })
    .get("/admin", ({ request }) => guard(request, document))
    .get("/admin/assets/*", ({ request, params }) =>
      guard(request, ({ files }) => {
        const file = files.get(params["*"]);
        return file === undefined ? notThere(request, arrivalOf(request).id, []) : assetResponse(file);
      }),
    );
}

/** A bundle, each file compressed. */
interface Packed {
  readonly entry: string;
  readonly style: string | null;
  readonly files: ReadonlyMap<string, { readonly packed: Uint8Array<ArrayBuffer>; readonly type: string }>;
}

async function make(): Promise<Result<Packed, string>> {
  const made = await bundle(new URL("../../admin/main.tsx", import.meta.url));
  return made.ok ? { ok: true, value: pack(made.value) } : made;
}

function pack({ entry, files }: Bundle): Packed {
  const packed = [...files].map(
    ([name, { bytes, type }]) => [name, { packed: new Uint8Array(gzipSync(bytes)), type }] as const,
  );
  return {
    entry,
    style: [...files.keys()].find((name) => name.endsWith(".css")) ?? null,
    files: new Map(packed),
  };
}

/** The whole page but for what its script draws. The nonce is for the styles that the editor makes for itself. */
function document({ entry, style }: Packed): Response {
  const nonce = crypto.randomUUID();
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="csp-nonce" content="${nonce}">
<title>Switchyard</title>
<link rel="icon" href="data:,">
${style === null ? "" : `<link rel="stylesheet" href="/admin/assets/${style}">`}
<script type="module" src="/admin/assets/${entry}"></script>
</head>
<body><div id="app"></div><noscript>This page needs JavaScript; the command line does everything that it does.</noscript></body>
</html>`;
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy.join("; "),
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}

/** The name of a file changes with its bytes: it can be kept for good. */
function assetResponse(file: { readonly packed: Uint8Array<ArrayBuffer>; readonly type: string }): Response {
  return new Response(file.packed, {
    headers: {
      "content-type": file.type,
      "content-encoding": "gzip",
      "cache-control": "public, max-age=31536000, immutable",
      "x-content-type-options": "nosniff",
    },
  });
}

/** Made once; what failed is tried again at the next visit. */
function once(make: () => Promise<Result<Packed, string>>): () => Promise<Result<Packed, string>> {
  let making: Promise<Result<Packed, string>> | null = null;
  return async () => {
    making ??= make();
    const made = await making;
    if (!made.ok) making = null;
    return made;
  };
}
