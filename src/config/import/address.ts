import { checkAddress } from "../compile/address.ts";
import type { DiagnosticCode } from "../diagnostic.ts";
import { topOf } from "../tree.ts";
import { soundsSecret } from "./values.ts";

/** An address that our file takes, and what of the original it could not take. */
export interface Address {
  readonly url: string;
  /** Parameters that stood behind its `?`. */
  readonly query: Readonly<Record<string, string>>;
  /** What was left out, in words. */
  readonly lost: readonly string[];
}

/** Reads an address; null, with the reason, where no request may go there. */
export function addressOf(written: string): Address | { readonly refused: string } {
  const text = written.trim();
  const withScheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text) ? text : `http://${text}`;
  const url = URL.parse(withScheme.replaceAll("{model}", "MODEL-GOES-HERE"));
  if (url === null) return { refused: "it cannot be read as an address" };
  const lost = [
    ...(withScheme === text ? [] : ["it had no scheme and is taken for http"]),
    ...(url.username === "" && url.password === ""
      ? []
      : ["the credentials in it are left out; give the provider an api_key or headers"]),
    ...(url.hash === "" ? [] : ["what stands behind the # is left out"]),
  ];
  const query: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    if (soundsSecret(name))
      lost.push(`the parameter ${name} is left out, because it may be a secret; put \${NAME} below query`);
    else query[name] = value;
  }
  const clean = `${url.protocol}//${url.host}${url.pathname}`
    .replace(/\/+$/, "")
    .replaceAll("MODEL-GOES-HERE", "{model}");
  const refused: DiagnosticCode[] = [];
  checkAddress(clean, topOf(""), (code) => refused.push(code));
  if (refused.length > 0)
    return {
      refused: refused.includes("forbidden_address")
        ? "no request may go to such an address"
        : "it is neither http nor https",
    };
  return { url: clean, query, lost };
}
