import type { Usd } from "../../core/units.ts";
import type { RequestRow } from "../../domain/journal.ts";
import { noSamples, type Samples } from "../../metrics/samples.ts";
import { hash } from "../../providers/fingerprint.ts";

/** Requests of one client, which may differ from other clients' for reasons of its own. */
export interface Cluster {
  readonly client: string;
  /** Answered or refused. */
  requests: number;
  refused: number;
  /** Final errors at endpoints that both arms use. */
  ownErrors: number;
  /** Answered at a known cost. */
  priced: number;
  costUsd: Usd;
  readonly ttft: Samples;
}

/** What tells clients apart. */
export type Asker = Pick<RequestRow, "key_id" | "user_hash" | "code">;

/** One arm's requests by client. Memory is bounded: what comes late shares clusters. */
export class Clusters {
  readonly #known = new Map<string, Cluster>();
  #count = 0;

  get all(): Iterable<Cluster> {
    return this.#known.values();
  }

  /** The cluster of a request. */
  find(asker: Asker): Cluster {
    this.#count += 1;
    const client = clientOf(asker);
    const name = isWhole(asker) ? client : `${client} part ${this.#count % parts}`;
    const found = this.#known.get(name);
    if (found !== undefined) return found;
    return this.#known.size < most ? this.#begin(name, client) : this.#shared(client);
  }

  #shared(client: string): Cluster {
    const name = `others ${hash(client, 0) % shared}`;
    return this.#known.get(name) ?? this.#begin(name, name);
  }

  #begin(name: string, client: string): Cluster {
    const cluster = {
      client,
      requests: 0,
      refused: 0,
      ownErrors: 0,
      priced: 0,
      costUsd: 0,
      ttft: noSamples(),
    };
    this.#known.set(name, cluster);
    return cluster;
  }
}

const most = 1_000;
const shared = 100;
/** Of a client that may stand for many, so that its requests can be taken one by one if they turn out to. */
const parts = 64;

const clientOf = ({ key_id, user_hash, code }: Asker): string =>
  code === "invalid_api_key" ? "without a key" : `${key_id ?? "anybody"} ${user_hash ?? ""}`;

/** Whether a client is known to the end. Whoever has no valid key may be a single program in a loop, so it counts as one. */
const isWhole = ({ user_hash, code }: Asker): boolean => user_hash !== null || code === "invalid_api_key";
