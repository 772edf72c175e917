import { Elysia } from "elysia";
import { sha256 } from "../runtime/digest.ts";
import { assetResponse, isAsset } from "./docs/assets.ts";
import { documentOf } from "./docs/document.ts";
import { arrivalOf } from "./door.ts";
import { notThere } from "./errors.ts";

/** GET /docs (Swagger UI), /docs/json (OpenAPI 3) and /redoc: open to everyone, and whole without an internet. `version` is this program's. */
export function docs(version: string) {
  const page = once(() => swaggerPage(version));
  const spec = once(() => rendered("/docs/json", version));
  return new Elysia({ name: "docs" })
    .get("/docs", async () => html(await page()))
    .get(
      "/docs/json",
      async () => new Response(await spec(), { headers: { "content-type": "application/json" } }),
    )
    .get("/redoc", () => html(redocPage))
    .get("/docs/assets/*", ({ request, params }) =>
      isAsset(params["*"]) ? assetResponse(params["*"]) : notThere(request, arrivalOf(request).id, []),
    );
}

/** The plugin in an app of its own: it writes the page and the document, and meets no request of a client. */
async function rendered(path: string, version: string): Promise<string> {
  // Few gateways are asked for their documentation: they start without it.
  const { swagger } = await import("@elysiajs/swagger");
  const app = new Elysia().use(
    swagger({
      path: "/docs",
      provider: "swagger-ui",
      documentation: documentOf(version) as never,
      theme: "/docs/assets/swagger-ui.css",
      autoDarkMode: false,
      swaggerOptions: { persistAuthorization: false, displayRequestDuration: true, tryItOutEnabled: true },
    }),
  );
  return (await app.handle(new Request(`http://localhost${path}`))).text();
}

/** The plugin's page loads the viewer from a public host; ours is on this machine. */
const swaggerPage = async (version: string): Promise<string> =>
  (await rendered("/docs", version)).replace(
    /https:\/\/unpkg\.com\/swagger-ui-dist@[^/"]+\//g,
    "/docs/assets/",
  );

const redocPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Switchyard API</title></head>
<body style="margin:0"><redoc spec-url="/docs/json" hide-download-button></redoc><script src="/docs/assets/redoc.standalone.js"></script></body>
</html>`;

/** A page that loads nothing from anywhere else; its own scripts are let through by their hashes. */
function html(page: string): Response {
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, code = ""]) => `'sha256-${Buffer.from(sha256(code)).toString("base64")}'`,
  );
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${scripts.join(" ")}`.trim(),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "worker-src blob:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return new Response(page, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy.join("; "),
      "x-content-type-options": "nosniff",
    },
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
