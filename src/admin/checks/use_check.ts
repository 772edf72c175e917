import { useEffect, useRef, useState } from "preact/hooks";
import type { Api } from "../api.ts";
import { after, begun, type Check, type Line } from "./check.ts";

/** A check that can be started and stopped; leaving the section stops it too. */
export function useCheck(api: Api) {
  const [check, setCheck] = useState<Check | null>(null);
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);
  const start = async (models: readonly string[] | null, requests: number): Promise<void> => {
    leaving.current?.abort();
    const stopping = new AbortController();
    leaving.current = stopping;
    let now = begun(requests);
    const show = (next: Check): void => {
      now = next;
      if (leaving.current === stopping) setCheck(next);
    };
    show(now);
    const body = models === null ? {} : { models };
    const hear = (line: Line): void => show(after(now, line));
    const said = await api.follow<Line>("/admin/api/checks", body, hear, stopping.signal);
    if (stopping.signal.aborted) show({ ...now, state: "stopped" });
    else if (said.ok) show(after(now, said.value));
    else show({ ...now, state: "failed", problem: said.message });
  };
  return { check, start, stop: () => leaving.current?.abort() };
}
