/** As much of a stream as is needed. */
interface Stream {
  readonly isTTY?: boolean;
  readonly write: (text: string, written: () => void) => boolean;
  readonly on: (event: "error", listener: () => void) => unknown;
}

/** Where a command stands: its environment, and what it reads and writes. Tests put another one in its place. */
export interface Shell {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For results. */
  readonly out: Channel;
  /** For progress, remarks and mistakes. */
  readonly err: Channel;
  /** All of standard input. */
  readonly read: () => Promise<string>;
}

/** One of the two ways out. */
export interface Channel {
  /** Resolves when the text has left this process, so that nothing is lost at its exit. */
  readonly write: (text: string) => Promise<void>;
  /** Whether somebody watches, so that a line may be written over. */
  readonly isTerminal: boolean;
  readonly paint: Paint;
}

/** Text in a style; where there are no colours, as it is. */
export type Paint = (style: Style, text: string) => string;

/** SGR codes: on and off. */
const styles = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
} as const;

export type Style = keyof typeof styles;

/** Paints for a terminal. */
export const inColour: Paint = (style, text) => {
  const [on, off] = styles[style];
  return text === "" ? "" : `\x1b[${on}m${text}\x1b[${off}m`;
};

/** Leaves text alone. */
export const plain: Paint = (_, text) => text;

/** What others wrote, without what would steer the terminal that shows it. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "");

/** The shell that started this process. */
export const processShell = (): Shell => ({
  environment: process.env,
  out: channelTo(process.stdout, process.env),
  err: channelTo(process.stderr, process.env),
  read: async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of process.stdin) pieces.push(piece);
    return Buffer.concat(pieces).toString("utf8");
  },
});

/** A stream as a way out: colours only on a terminal, and never against NO_COLOR (https://no-color.org). */
export function channelTo(stream: Stream, { NO_COLOR = "", TERM = "" }: Shell["environment"]): Channel {
  const isTerminal = stream.isTTY === true && TERM !== "dumb";
  // A reader that has seen enough, as `head`, is no mistake of ours.
  stream.on("error", () => {});
  return {
    write: (text) => new Promise((resolve) => stream.write(text, () => resolve())),
    isTerminal,
    paint: isTerminal && NO_COLOR === "" ? inColour : plain,
  };
}
