import type { Channel } from "../shell.ts";

/** A bar on a terminal; nothing anywhere else. */
export interface Progress {
  readonly show: (done: number, of: number) => void;
  /** Takes the bar away. */
  readonly done: () => Promise<void>;
}

const width = 30;

/** Shows how much is done, in one line that is written over. */
export function progressOn(channel: Channel): Progress {
  if (!channel.isTerminal) return { show: () => {}, done: async () => {} };
  let shown = -1;
  return {
    show: (done, of) => {
      const percent = of === 0 ? 100 : Math.min(100, Math.floor((100 * done) / of));
      if (percent === shown) return;
      shown = percent;
      const filled = Math.round((percent / 100) * width);
      void channel.write(`\r  ${"█".repeat(filled)}${"░".repeat(width - filled)} ${percent} %`);
    },
    done: () => channel.write("\r\x1b[2K"),
  };
}
