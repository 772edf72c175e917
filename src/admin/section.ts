import type { ComponentType } from "preact";
import type { Api } from "./api.ts";

/** What every section is given. */
export interface SectionProps {
  readonly api: Api;
}

/** One section of the page; loaded when it is first looked at. */
export interface Section {
  /** In the address, after `#`. */
  readonly id: string;
  readonly title: string;
  /** The key that opens it, after `g`. */
  readonly key: string;
  readonly load: () => Promise<ComponentType<SectionProps>>;
}
