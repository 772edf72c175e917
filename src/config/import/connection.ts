import type { Entry, Tree } from "../tree.ts";
import { type Address, addressOf } from "./address.ts";
import { keySpellings, readCredential } from "./credentials.ts";
import { type Json, type JsonObject, present } from "./draft.ts";
import { headerSpellings, readHeader, readHeaders } from "./headers.ts";
import type { Scope } from "./scope.ts";
import { jsonOf, pick, textOf } from "./values.ts";
import { isAzure, type Vendor } from "./vendors.ts";

/** How a provider is reached. */
interface Reach {
  readonly url?: string;
  readonly query: { readonly [name: string]: Json };
}

/** How an address is spelled. */
export const addressSpellings = [
  "api_base",
  "base_url",
  "baseurl",
  "api_base_url",
  "api_url",
  "azure_endpoint",
  "endpoint",
  "url",
];

const versionSpellings = ["api_version", "azure_api_version"];
const organizationSpellings = ["organization", "org_id", "organization_id"];
const projectSpellings = ["project", "project_id"];

/** What tells two providers of one vendor apart: two deployments with the same are one provider. Never shown. */
export const identityOf = (holder: Tree): string =>
  JSON.stringify(
    [
      addressSpellings,
      versionSpellings,
      organizationSpellings,
      projectSpellings,
      headerSpellings,
      keySpellings,
    ].map((spellings) => {
      const entry = pick(holder, spellings);
      return entry === null ? null : jsonOf(entry.value);
    }),
  );

/** Whom a mapping speaks of. */
export interface Named {
  /** Its name in the new file. */
  readonly provider: string;
  readonly vendorName: string;
  readonly vendor: Vendor;
}

/** A provider of a vendor: `kind`, `base_url`, `api_key` and so on. Null where it cannot be reached. */
export function readConnection(holder: Tree, named: Named, scope: Scope): JsonObject | null {
  const { provider, vendorName, vendor } = named;
  const isOnAzure = isAzure(vendorName);
  const entry = pick(holder, addressSpellings);
  const reach =
    entry === null ? usualReach(named, holder, scope) : readReach(entry, provider, isOnAzure, vendor, scope);
  if (reach === null) return null;
  const version = readVersion(holder, provider, isOnAzure, scope);
  // A server of one's own is not sent the key of a public one.
  const isOwn = entry !== null && vendor.kind === "openai" && !isOnAzure;
  const isKeyless = isOwn || vendor.variable === undefined || pick(holder, keySpellings) !== null;
  const credential = readCredential(holder, provider, vendor, scope);
  return present({
    kind: vendor.kind,
    base_url: reach.url,
    query: { ...reach.query, ...(isOnAzure ? version : {}) },
    api_key: credential ?? (isKeyless ? undefined : usualKey(vendor.variable ?? "", provider, scope, holder)),
    api_key_header: isOnAzure ? "api-key" : undefined,
    headers: { ...accountHeaders(holder, named, scope), ...readHeaders(holder, provider, scope) },
  });
}

/** Fields that OpenAI takes as headers. */
function accountHeaders(holder: Tree, { provider, vendor }: Named, scope: Scope): JsonObject {
  if (vendor.kind !== "openai") return {};
  const fields = [
    [organizationSpellings, "OpenAI-Organization"],
    [projectSpellings, "OpenAI-Project"],
  ] as const;
  return present(
    Object.fromEntries(
      fields.map(([spellings, header]) => {
        const entry = pick(holder, spellings);
        return [
          header,
          entry === null ? undefined : (readHeader(entry, provider, scope, header) ?? undefined),
        ];
      }),
    ),
  );
}

const defaultReach = ({ baseUrl }: Vendor) => (baseUrl === undefined ? {} : { url: baseUrl });

/** Where the file says no address: the vendor's own, or that of a variable that everybody knows. */
function usualReach({ provider, vendorName, vendor }: Named, { at }: Tree, { variables }: Scope): Reach {
  if (vendor.address === undefined) return { query: {}, ...defaultReach(vendor) };
  const where = `providers.${provider}.base_url, without / at its end`;
  const reference = variables.open(`env:${vendor.address}`, where, at.line) ?? "";
  return { query: {}, url: isAzure(vendorName) ? deployments(reference) : reference };
}

/** Where the file names no key, the gateways look into a variable that everybody knows. */
const usualKey = (variable: string, provider: string, { variables }: Scope, { at }: Tree): string =>
  variables.secret(`env:${variable}`, variable, `providers.${provider}.api_key`, at.line).reference;

function readReach(
  entry: Entry,
  provider: string,
  isOnAzure: boolean,
  vendor: Vendor,
  scope: Scope,
): Reach | null {
  const { notes, variables } = scope;
  const text = textOf(entry.value) ?? "";
  const where = `providers.${provider}.base_url`;
  if (text.trim() === "") {
    notes.exact(entry, "nothing is set");
    return { query: {}, ...defaultReach(vendor) };
  }
  const reference = variables.open(text, where, entry.keyAt.line);
  if (reference !== null) {
    const url = isOnAzure ? `${reference}/openai/deployments/{model}` : reference + missingPath("", vendor);
    if (url === reference) notes.exact(entry, `${where} as ${reference}`);
    else
      notes.approximated(
        entry,
        `${where} as ${url}: the value of the variable must not end in / or hold that path itself`,
      );
    return { url, query: {} };
  }
  const address = addressOf(text);
  if ("refused" in address) {
    notes.unsupported(entry, `${address.refused}, so nothing can be asked there`);
    return null;
  }
  const url = isOnAzure ? deployments(address.url) : withPath(address.url, vendor);
  if (address.lost.length > 0) notes.approximated(entry, `${where}; ${address.lost.join("; ")}`);
  else notes.exact(entry, url === address.url ? where : `${where}, as ${url}`);
  return { url, query: queryOf(address) };
}

const queryOf = ({ query }: Address): { readonly [name: string]: Json } =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name === "api_version" ? "api-version" : name, value]),
  );

/** Azure names the deployment in the path; its newer addresses end in /openai/v1 and speak plain OpenAI. */
function deployments(url: string): string {
  if (/\/openai\/v1$/.test(url)) return url;
  return `${url.replace(/\/openai(\/deployments(\/.*)?)?$/, "")}/openai/deployments/{model}`;
}

/** Some gateways add the version to an address, and take a whole one too. */
function withPath(url: string, vendor: Vendor): string {
  const base = url.replace(/\/(chat\/completions|completions|embeddings|messages)$/, "");
  return base + missingPath(URL.parse(base)?.pathname ?? "/", vendor);
}

const usualPaths: Readonly<Record<string, string>> = { anthropic: "/v1", gemini: "/v1beta", mistral: "/v1" };

function missingPath(path: string, { kind, path: added }: Vendor): string {
  const wanted = added ?? usualPaths[kind] ?? "";
  return path === "" || path === "/" || added !== undefined
    ? path.endsWith(wanted) && wanted !== ""
      ? ""
      : wanted
    : "";
}

function readVersion(
  holder: Tree,
  provider: string,
  isOnAzure: boolean,
  scope: Scope,
): { readonly [name: string]: Json } {
  const entry = pick(holder, versionSpellings);
  const text = textOf(entry?.value);
  // What LiteLLM and Azure's own SDK take when none is said is a preview; this is the last stable one.
  if (entry === null || text === null) return { "api-version": "2024-10-21" };
  const where = `providers.${provider}.query.api-version`;
  if (!isOnAzure) {
    scope.notes.unsupported(entry, "only Azure's addresses have a version");
    return {};
  }
  scope.notes.exact(entry, where);
  return { "api-version": scope.variables.open(text, where, entry.keyAt.line) ?? text };
}
