import ipaddr from "ipaddr.js";
import type { Report } from "../diagnostic.ts";
import { isUnresolved } from "../references.ts";
import type { Spot } from "../tree.ts";

/** Where clouds hand credentials to whoever asks from inside; no gateway has business there. */
const metadataHosts = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "instance-data",
  "instance-data.ec2.internal",
]);
const metadataRanges = [
  "169.254.0.0/16",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "192.0.0.192/32",
  "fd00:ec2::254/128",
  "fd20:ce::254/128",
  "fe80::/10",
];

/** Reports an address that a request must not go to; loopback and private ones are fine, models run there. */
export function checkAddress(text: string, at: Spot, report: Report): void {
  if (isUnresolved(text)) return;
  const problem = problemOf(text);
  if (problem !== null) {
    report(
      "invalid_url",
      at,
      `This address ${problem}; it must be http or https, as in https://api.example.com/v1, without credentials, query or fragment.`,
    );
    return;
  }
  const host = hostOf(text);
  if (host === null || !isMetadata(host)) return;
  report(
    "forbidden_address",
    at,
    `The host ${host} is a cloud's metadata service, which hands out credentials; it is always refused.`,
  );
}

function problemOf(text: string): string | null {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return "has no scheme";
  if (scheme !== "http" && scheme !== "https") return `has the scheme ${scheme}`;
  if (/\s/.test(text)) return "has a space in it";
  if (text.includes("?")) return "has a query, which belongs into `query`";
  if (text.includes("#")) return "has a fragment";
  const authority = text.slice(scheme.length + 3).split(/[/\\]/)[0] ?? "";
  if (authority.includes("@")) return "has credentials in it, which belong into `api_key`";
  if (authority === "" || authority.startsWith(":")) return "has no host";
  return hostOf(text) === null ? "cannot be read" : null;
}

/** The host as a request would use it: numbers in any base become dotted, full-width letters narrow. */
function hostOf(text: string): string | null {
  const url = URL.parse(text.replaceAll("{model}", "model"));
  return url === null ? null : url.hostname.toLowerCase().replace(/\.+$/, "");
}

function isMetadata(host: string): boolean {
  if (metadataHosts.has(host)) return true;
  const bare = host.replace(/^\[|\]$/g, "");
  if (!ipaddr.isValid(bare)) return false;
  return [ipaddr.parse(bare), ...carried(ipaddr.parse(bare))].some((address) =>
    metadataRanges.some((range) => {
      const [base, bits] = ipaddr.parseCIDR(range);
      return base.kind() === address.kind() && address.match(base, bits);
    }),
  );
}

/** IPv4 addresses inside an IPv6 one: mapped, compatible, NAT64 (RFC 6052, 8215) and 6to4 (RFC 3056). */
function carried(address: ipaddr.IPv4 | ipaddr.IPv6): readonly ipaddr.IPv4[] {
  if (!(address instanceof ipaddr.IPv6)) return [];
  const bytes = address.toByteArray();
  const four = (from: number) => new ipaddr.IPv4(bytes.slice(from, from + 4));
  const [a, b] = address.parts;
  if (a === 0x2002) return [four(2)];
  const isNat64 = a === 0x64 && b === 0xff9b;
  const isZero = bytes.slice(0, 10).every((byte) => byte === 0);
  return isNat64 || isZero ? [four(12)] : [];
}
