import type { Probed } from "../../gateway/probe/probe.ts";
import type { Channel } from "../shell.ts";
import { showResult } from "./print.ts";

/** Tells how far a probe is: one line that is written over where somebody watches, else a line for each target. */
export interface Progress {
  readonly tell: (probed: Probed) => void;
  /** Resolves when all of it is out, and the line is gone. */
  readonly end: () => Promise<void>;
}

const wipe = "\r\x1b[2K";

/** Begins to tell of so many targets. */
export function progressOn({ write, isTerminal, paint }: Channel, targets: number): Progress {
  let done = 0;
  let written = Promise.resolve();
  const send = (text: string) => {
    written = written.then(() => write(text));
  };
  const tellCount = () => send(`${wipe}${paint("dim", `${done} of ${targets} targets`)}`);
  if (isTerminal) tellCount();
  return {
    tell: ({ result }) => {
      done += 1;
      if (isTerminal) tellCount();
      else send(`${done}/${targets} ${result.provider}/${result.model} ${showResult(result)}\n`);
    },
    end: () => {
      if (isTerminal) send(wipe);
      return written;
    },
  };
}
