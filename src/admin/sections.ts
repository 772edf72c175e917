import type { Section } from "./section.ts";

/** In the order in which they stand. */
export const sections: readonly [Section, ...Section[]] = [
  { id: "now", title: "Now", key: "n", load: async () => (await import("./sections/now.tsx")).Now },
  {
    id: "trends",
    title: "Trends",
    key: "t",
    load: async () => (await import("./sections/trends.tsx")).Trends,
  },
  {
    id: "generations",
    title: "Generations",
    key: "v",
    load: async () => (await import("./sections/generations.tsx")).Generations,
  },
  {
    id: "configuration",
    title: "Configuration",
    key: "c",
    load: async () => (await import("./sections/configuration.tsx")).Configuration,
  },
  {
    id: "routes",
    title: "Routes",
    key: "r",
    load: async () => (await import("./sections/routes.tsx")).Routes,
  },
  {
    id: "errors",
    title: "Errors",
    key: "e",
    load: async () => (await import("./sections/errors.tsx")).Errors,
  },
  {
    id: "checks",
    title: "Health checks",
    key: "h",
    load: async () => (await import("./sections/checks.tsx")).Checks,
  },
];
