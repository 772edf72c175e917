import type { Position } from "./position.ts";

/** Where a secret is to be found. The Snapshot holds these and never a value. `at` is where the file says so. */
export type SecretRef =
  | { readonly kind: "env"; readonly name: string; readonly at?: Position }
  | { readonly kind: "file"; readonly path: string; readonly at?: Position }
  /** Only for client keys: the SHA-256 of the secret, in hex. */
  | { readonly kind: "sha256"; readonly hex: string };

/** `env:NAME`, `file:path` or `sha256:…`: how the file writes it, and how messages name it. */
export function showRef(ref: SecretRef): string {
  switch (ref.kind) {
    case "env":
      return `env:${ref.name}`;
    case "file":
      return `file:${ref.path}`;
    case "sha256":
      return `sha256:${ref.hex}`;
  }
}
