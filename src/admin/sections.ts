import type { Section } from "./section.ts";

/** In the order in which they stand. */
export const sections: readonly [Section, ...Section[]] = [
  { id: "now", title: "Now", key: "n", load: async () => (await import("./sections/now.tsx")).Now },
];
