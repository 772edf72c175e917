import { type SecretRef, showRef } from "../domain/secret_ref.ts";
import { refsOf } from "../domain/service.ts";
import type { Provider, Snapshot } from "../domain/snapshot.ts";
import { type Diagnostic, diagnostic, type Severity } from "./diagnostic.ts";
import { topOf } from "./tree.ts";

/** What the vault says of a reference, its value left out. */
export type Look = (ref: SecretRef) => "set" | "unset" | "unreadable" | "forbidden";

/**
 * Checks that every secret of a Snapshot can be had. A provider that is `optional` and a pool with another member that
 * is set only warn; for those who never use secrets, `severity` makes all of it warnings.
 */
export function checkSecrets(snapshot: Snapshot, look: Look, severity: Severity): readonly Diagnostic[] {
  const ofKeys = snapshot.auth.keys.flatMap(({ id, secrets }) => {
    const usable = secrets.some((ref) => ref.kind === "sha256" || look(ref) === "set");
    const whose = { whose: `the key "${id}"`, advice: "set it" };
    return secrets.flatMap((ref) => problemOf(ref, look, whose, usable ? "warning" : severity));
  });
  const ofProviders = [...snapshot.providers.values()].flatMap((provider) =>
    checkProvider(provider, look, severity),
  );
  return [...ofKeys, ...ofProviders];
}

/** Who needs a secret, and what helps where it is missing. */
interface Owner {
  readonly whose: string;
  readonly advice: string;
}

function checkProvider(provider: Provider, look: Look, severity: Severity): readonly Diagnostic[] {
  const { name, pool, service, optional, enabled } = provider;
  const owner = { whose: `the provider "${name}"`, advice: "set it, or mark the provider optional" };
  const otherwise = optional || !enabled ? "warning" : severity;
  const ofLogin = service?.login == null ? [] : refsOf(service.login);
  const usable = pool.some(({ ref }) => look(ref) === "set");
  return [
    ...pool.flatMap(({ ref }) => problemOf(ref, look, owner, usable ? "warning" : otherwise)),
    ...ofLogin.flatMap((ref) => problemOf(ref, look, owner, otherwise)),
  ];
}

function problemOf(
  ref: SecretRef,
  look: Look,
  { whose, advice }: Owner,
  severity: Severity,
): readonly Diagnostic[] {
  if (ref.kind === "sha256") return [];
  const shown = showRef(ref);
  const at = { ...topOf("routes.yaml"), ...ref.at };
  const spot = { ...at, end_line: at.line, end_column: at.column + shown.length };
  switch (look(ref)) {
    case "set":
      return [];
    case "unset":
      return [
        diagnostic("unset_reference", spot, `${shown} of ${whose} is not set; ${advice}.`, { severity }),
      ];
    case "unreadable": {
      const message = `${shown} of ${whose} cannot be read; it must be a file of at most 64 KiB that the gateway may open.`;
      return [diagnostic("unreadable_secret", spot, message, { severity })];
    }
    case "forbidden": {
      const message = `${shown} of ${whose} leads out of the directory that the setting SECRETS_DIR allows.`;
      return [diagnostic("forbidden_reference", spot, message)];
    }
  }
}
