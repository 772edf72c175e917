import { timingSafeEqual } from "node:crypto";
import type { EpochMs } from "../../core/units.ts";
import type { ClientKey, Snapshot } from "../../domain/snapshot.ts";
import { sha256 } from "../../runtime/digest.ts";
import type { Vault } from "../upstream/vault.ts";

/** Client keys by the SHA-256 of each of their secrets. Rebuilt with the snapshot, and while secrets in files rotate. */
export interface Keyring {
  /** True when the file has no keys: everyone may call. */
  readonly open: boolean;
  /** The key that a presented secret belongs to; null for none, and once it has expired. */
  readonly find: (presented: string, now: EpochMs) => ClientKey | null;
}

/** How long a keyring with secrets in files may be behind them. */
const freshForMs = 1_000;

/** Collects every key whose secrets can be resolved now. */
export function keyringOf(snapshot: Snapshot, vault: Vault, now: EpochMs): Keyring {
  const inFiles = snapshot.auth.keys.some((key) => key.secrets.some((ref) => ref.kind === "file"));
  let entries = collect(snapshot, vault, now);
  let collectedAt = now;
  return {
    open: snapshot.auth.keys.length === 0,
    find: (presented, at) => {
      if (inFiles && at - collectedAt >= freshForMs) {
        entries = collect(snapshot, vault, at);
        collectedAt = at;
      }
      const digest = sha256(presented);
      const entry = entries.get(hex(digest));
      // The map has found it already; comparing again in constant time keeps that true whatever the map does.
      if (entry === undefined || !timingSafeEqual(entry.digest, digest)) return null;
      const { expiresAt } = entry.key;
      return expiresAt !== null && at >= expiresAt ? null : entry.key;
    },
  };
}

interface Entry {
  readonly digest: Uint8Array;
  readonly key: ClientKey;
}

function collect(snapshot: Snapshot, vault: Vault, now: EpochMs): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const key of snapshot.auth.keys) {
    for (const ref of key.secrets) {
      const digest = ref.kind === "sha256" ? Buffer.from(ref.hex, "hex") : digestOf(vault.look(ref, now));
      if (digest !== null) entries.set(hex(digest), { digest, key });
    }
  }
  return entries;
}

const digestOf = (looked: ReturnType<Vault["look"]>): Uint8Array | null =>
  looked.kind === "set" ? sha256(looked.secret.reveal()) : null;

/** Made for comparing and never shown. */
const hex = (digest: Uint8Array): string =>
  Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString("hex");
