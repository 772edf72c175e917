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
  const covering = known.filter(({ path }) => covers(path, pathname));
  const closest = Math.max(...covering.map(({ path }) => path.length));
  const methods = [...new Set(covering.flatMap(({ method, path }) => (path.length < closest ? [] : method)))];
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

/** Whether a path, which may have one `*` in it for a text that is not empty, is that of an address. */
function covers(path: string, pathname: string): boolean {
  const [before = "", after] = path.split("*");
  if (after === undefined) return path === pathname;
  return pathname.startsWith(before) && pathname.endsWith(after) && pathname.length >= path.length;
}

const printable = (path: string): string => path.slice(0, 200).replace(/[^\x20-\x7e]/g, "?");
