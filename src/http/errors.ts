import { refuse } from "../domain/refusal.ts";
import type { HeaderFields } from "../gateway/response/headers.ts";
import { refusalResponse } from "../gateway/response/respond.ts";
import type { Logger } from "./logger.ts";

/** A route as the app knows it. */
export interface Known {
  readonly method: string;
  readonly path: string;
}

/** The answer to an address that is not there, or is there for another method. */
export function notThere(request: Request, id: string, known: readonly Known[]): Response {
  const { pathname } = new URL(request.url);
  const methods = [
    ...new Set(known.filter(({ path }) => covers(path, pathname)).map(({ method }) => method)),
  ];
  const headers: HeaderFields = { "x-request-id": id };
  // The router has the method and still found nothing: the address has something to it that no path has.
  if (methods.length === 0 || methods.includes(request.method)) {
    return refusalResponse(
      refuse("not_found", `There is nothing at ${request.method} ${printable(pathname)}.`),
      headers,
    );
  }
  headers["allow"] = methods.join(", ");
  const message = `${printable(pathname)} takes ${methods.join(" and ")}, and not ${request.method}.`;
  return refusalResponse(refuse("method_not_allowed", message), headers);
}

/** The answer to a bug of ours: nothing of the error is shown; the log has it under the same id. */
export function broken(error: unknown, id: string, log: Logger): Response {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.error({ request_id: id, error: reason }, "a request met a bug");
  const message = `The gateway met an error of its own. Its log has it under ${id}.`;
  return refusalResponse(refuse("internal_error", message), { "x-request-id": id });
}

const covers = (path: string, pathname: string): boolean =>
  path.endsWith("/*")
    ? pathname.startsWith(path.slice(0, -1)) && pathname.length >= path.length
    : path === pathname;

const printable = (path: string): string => path.slice(0, 200).replace(/[^\x20-\x7e]/g, "?");
