import { useEffect, useState } from "preact/hooks";
import type { DraftReply } from "../../rollout/draft/question.ts";
import type { Answer, Api } from "../api.ts";
import { bodyOf, type Texts } from "./texts.ts";

/** What was found out about a draft. */
export type Checked = Extract<DraftReply, { readonly kind: "checked" }>;

/** The newest answer about a draft, and whether it is about the draft as it is now. */
export interface Checking {
  readonly checked: Checked | null;
  readonly problem: string | null;
  /** Still waiting for the answer about the newest text. */
  readonly isBusy: boolean;
  readonly now: () => void;
}

/** Between the last letter and the question, in ms. */
const pause = 600;

/** Has a draft looked into whenever somebody stops typing. An answer about an older text is never waited for. */
export function useCheck(api: Api, texts: Texts | null, base: number): Checking {
  const [said, setSaid] = useState<Said | null>(null);
  const [at, setAt] = useState(0);
  const asked = texts === null ? null : JSON.stringify(bodyOf(texts));
  const about = `${at} ${base} ${asked}`;
  useEffect(() => {
    if (texts === null) return;
    const leaving = new AbortController();
    const ask = async (): Promise<void> => {
      const answer = await api.follow<DraftReply>(
        "/admin/api/draft/check",
        bodyOf(texts),
        () => {},
        leaving.signal,
      );
      if (!leaving.signal.aborted) setSaid(read(answer, about, said?.checked ?? null));
    };
    const isAtOnce = said === null || !said.about.startsWith(`${at} `);
    const timer = setTimeout(() => void ask(), isAtOnce ? 0 : pause);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [api, about]);
  return {
    checked: said?.checked ?? null,
    problem: said?.problem ?? null,
    isBusy: said?.about !== about,
    now: () => setAt((before) => before + 1),
  };
}

interface Said {
  /** Which question was answered. */
  readonly about: string;
  readonly checked: Checked | null;
  readonly problem: string | null;
}

/** What went wrong leaves the last answer standing. */
function read(answer: Answer<DraftReply>, about: string, before: Checked | null): Said {
  if (!answer.ok) return { about, checked: before, problem: answer.message };
  const { value } = answer;
  if (value.kind === "checked") return { about, checked: value, problem: null };
  return {
    about,
    checked: before,
    problem: value.kind === "unable" ? value.why : "The answer was cut short.",
  };
}
