import { useEffect, useState } from "preact/hooks";
import type { Answer, Api } from "./api.ts";

/** What was last told, and what went wrong since; `again` asks at once. */
export interface Asked<T> {
  readonly value: T | null;
  readonly problem: string | null;
  readonly again: () => void;
}

/** Asks the gateway for `path`, again every `everyMs` while the page is looked at; 0: once. What was told stays while it asks. */
export function useAnswer<T>(api: Api, path: string, everyMs: number): Asked<T> {
  const [answer, setAnswer] = useState<{ readonly path: string; readonly said: Answer<T> } | null>(null);
  const [value, setValue] = useState<T | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      if (!document.hidden) {
        const said = await api.get<T>(path, leaving.signal);
        if (leaving.signal.aborted) return;
        setAnswer({ path, said });
        if (said.ok) setValue(said.value);
      }
      if (everyMs > 0) timer = setTimeout(ask, everyMs);
    };
    void ask();
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
  }, [api, path, everyMs, turn]);
  const said = answer?.path === path ? answer.said : null;
  return { value, problem: said?.ok === false ? said.message : null, again: () => setTurn(turn + 1) };
}
