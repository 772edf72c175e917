import { useEffect, useRef, useState } from "preact/hooks";
import type { DraftReply } from "../../rollout/draft/question.ts";
import type { Api } from "../api.ts";
import { bodyOf, type Texts } from "./texts.ts";

/** What a replay came to. */
export type Replayed = Extract<DraftReply, { readonly kind: "replayed" }>;

/** How a replay stands. */
export type Replay =
  | { readonly kind: "idle" }
  /** `share` is what is done of it, of 1; null before the first word. */
  | { readonly kind: "running"; readonly share: number | null }
  | { readonly kind: "done"; readonly replayed: Replayed; readonly since: string; readonly about: Texts }
  | { readonly kind: "failed"; readonly why: string };

/** Runs recorded traffic through a draft, until it is done or stopped. Leaving the section stops it. */
export function useReplay(api: Api) {
  const [replay, setReplay] = useState<Replay>({ kind: "idle" });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const start = async (texts: Texts, since: string): Promise<void> => {
    running.current?.abort();
    const own = new AbortController();
    running.current = own;
    setReplay({ kind: "running", share: null });
    const tell = (line: DraftReply): void => {
      if (line.kind === "progress" && running.current === own)
        setReplay({ kind: "running", share: line.of === 0 ? null : line.done / line.of });
    };
    const body = { ...bodyOf(texts), since };
    const answer = await api.follow<DraftReply>("/admin/api/draft/replay", body, tell, own.signal);
    if (running.current !== own) return;
    if (!answer.ok) return setReplay({ kind: "failed", why: answer.message });
    const { value } = answer;
    if (value.kind === "replayed") setReplay({ kind: "done", replayed: value, since, about: texts });
    else
      setReplay({ kind: "failed", why: value.kind === "unable" ? value.why : "The answer was cut short." });
  };
  const stop = (): void => {
    running.current?.abort();
    running.current = null;
    setReplay({ kind: "idle" });
  };
  return { replay, start, stop };
}
