import { inColour, plain, type Shell } from "../../src/cli/shell.ts";

/** A shell that keeps what was written to it, piece by piece. */
export interface Kept {
  readonly shell: Shell;
  readonly out: () => string;
  readonly err: () => string;
  /** Every write to stdout by itself. */
  readonly pieces: readonly string[];
}

/** A command's surroundings in a test. */
export function keptShell({
  env = {},
  input = "",
  terminal = false,
  onWrite = () => {},
}: {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly terminal?: boolean;
  readonly onWrite?: (text: string) => void;
} = {}): Kept {
  const [pieces, errors]: [string[], string[]] = [[], []];
  const channel = (into: string[]) => ({
    isTerminal: terminal,
    paint: terminal ? inColour : plain,
    write: async (text: string) => {
      into.push(text);
      onWrite(text);
    },
  });
  return {
    shell: { environment: env, out: channel(pieces), err: channel(errors), read: async () => input },
    out: () => pieces.join(""),
    err: () => errors.join(""),
    pieces,
  };
}
