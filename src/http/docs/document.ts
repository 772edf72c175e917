import { adminPaths } from "./admin_paths.ts";
import { clientPaths } from "./client_paths.ts";
import { errors } from "./errors.ts";
import { generationPaths } from "./generation_paths.ts";
import { observingPaths } from "./observing_paths.ts";
import { operatingPaths } from "./operating_paths.ts";
import { schemas } from "./schemas.ts";
import type { Fields } from "./words.ts";

/** The whole API as OpenAPI 3.0.3, but for what the plugin adds itself. https://spec.openapis.org/oas/v3.0.3 */
export const documentOf = (version: string) =>
  ({
    info: {
      title: "Switchyard",
      version,
      description: [
        "An OpenAI-compatible LLM gateway whose whole behaviour is one reviewed file.",
        "Clients use the OpenAI API below `/v1` with any SDK; platform engineers read the metrics and use the admin API.",
        "Every error has OpenAI's shape, and `x-request-id` finds it in the logs.",
      ].join("\n\n"),
      license: { name: "MIT" },
    },
    tags: [
      { name: "OpenAI", description: "What applications call, with the OpenAI SDK." },
      { name: "Models", description: "The names that a key may ask for." },
      { name: "Health and metrics", description: "How the gateway is doing." },
      {
        name: "Admin",
        description: "What people may see and do. Needs `ADMIN_KEY`, or a key of role admin.",
      },
    ],
    components: {
      schemas,
      responses: errors,
      securitySchemes: {
        key: {
          type: "http",
          scheme: "bearer",
          description: "A key of routes.yaml. None where the file has none.",
        },
        admin: {
          type: "http",
          scheme: "bearer",
          description: "The setting ADMIN_KEY, or a key of role admin.",
        },
      },
    },
    paths: { ...clientPaths, ...observingPaths, ...adminPaths, ...generationPaths, ...operatingPaths },
  }) as const satisfies Fields;
