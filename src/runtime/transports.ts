import { pooledTransport } from "./http1/pooled.ts";
import type { Transport } from "./transport.ts";
import { fetchTransport } from "./transport_fetch.ts";

/** Where an environment names the proxy that everything has to go through. */
const proxyVariables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
/** The platform's fetch lets this many requests be under way in the whole process, unless told otherwise before it starts. */
const fetchLimit = "BUN_CONFIG_MAX_HTTP_REQUESTS";

/**
 * Our own pooled client, which keeps the connect clock and has no limit on requests under way; or, where a proxy stands
 * between us and the providers, the platform's fetch, which knows how to use one.
 */
export function transportFor(
  environment: Readonly<Record<string, string | undefined>>,
  warn: (message: string) => void,
): Transport {
  const proxied = proxyVariables.some((name) => (environment[name] ?? "") !== "");
  if (!proxied) return pooledTransport();
  if ((environment[fetchLimit] ?? "") === "") {
    warn(
      `a proxy is set and ${fetchLimit} is not: no more than 256 requests can be under way; set it to 65535 before the start`,
    );
  }
  return fetchTransport();
}
