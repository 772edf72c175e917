/** An answer of the admin API, or the gateway's own sentence about why there is none. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly message: string };

/** The gateway that serves this page, spoken to with the key that somebody logged in with. */
export interface Api {
  readonly get: <T>(path: string, signal?: AbortSignal) => Promise<Answer<T>>;
  readonly post: <T>(path: string, body: object, signal?: AbortSignal) => Promise<Answer<T>>;
  /** Long work: told of every line but the last, which is the answer. */
  readonly follow: <T>(
    path: string,
    body: object,
    tell: (line: T) => void,
    signal?: AbortSignal,
  ) => Promise<Answer<T>>;
}

/** `denied` is called when the key opens nothing (any more). The types of answers are the gateway's word. */
export function apiWith(key: string, denied: (message: string) => void): Api {
  const call = async (path: string, init: RequestInit): Promise<Response | Answer<never>> => {
    const headers = { ...init.headers, authorization: `Bearer ${key}` };
    try {
      const response = await fetch(path, { ...init, headers, cache: "no-store" });
      if (response.ok) return response;
      const refused = await refusalOf(response);
      // Who has left has been told why by the answer that made them leave.
      const isHeard = init.signal?.aborted !== true;
      if (isHeard && (response.status === 401 || response.status === 403)) denied(refused.message);
      return refused;
    } catch (error) {
      const left = init.signal?.aborted === true;
      return {
        ok: false,
        status: 0,
        message: left ? "Stopped." : `The gateway cannot be reached: ${String(error)}`,
      };
    }
  };
  const posted = (body: object, signal: AbortSignal | undefined): RequestInit => ({
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  const whole = async <T>(response: Response | Answer<never>): Promise<Answer<T>> => {
    if (!(response instanceof Response)) return response;
    // Between its head and its end the section may be left, or the gateway stop.
    return response.json().then(
      (value: T) => ({ ok: true, value }),
      () => broken,
    );
  };
  return {
    get: async (path, signal) => whole(await call(path, { signal: signal ?? null })),
    post: async (path, body, signal) => whole(await call(path, posted(body, signal))),
    follow: async (path, body, tell, signal) => {
      const response = await call(path, posted(body, signal));
      return response instanceof Response ? readLines(response, tell) : response;
    },
  };
}

const broken = { ok: false, status: 0, message: "The gateway stopped before it was done." } as const;

async function readLines<T>(response: Response, tell: (line: T) => void): Promise<Answer<T>> {
  if (response.body === null) return broken;
  let rest = "";
  let last: T | null = null;
  try {
    for await (const text of textOf(response.body)) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (last !== null) tell(last);
        last = JSON.parse(line);
      }
    }
  } catch {
    return broken;
  }
  return last === null ? broken : { ok: true, value: last };
}

async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (let read = await reader.read(); !read.done; read = await reader.read())
    yield decoder.decode(read.value, { stream: true });
}

async function refusalOf(response: Response): Promise<Extract<Answer<never>, { readonly ok: false }>> {
  const { status } = response;
  const said: unknown = await response.json().catch(() => null);
  const error = typeof said === "object" && said !== null && "error" in said ? said.error : null;
  const message = typeof error === "object" && error !== null && "message" in error ? error.message : null;
  return {
    ok: false,
    status,
    message: typeof message === "string" ? message : `The gateway answered ${status}.`,
  };
}
