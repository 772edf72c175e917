import manifest from "../package.json" with { type: "json" };

/** The version of this engine, for `requires` in routes.yaml. */
export const version: string = manifest.version;
