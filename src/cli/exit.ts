/** What a command ends with; the same for every output format. */
export const exit = {
  ok: 0,
  /** A check failed. */
  failed: 1,
  /** There are changes, and `--detailed-exitcode` asked to be told. */
  changed: 2,
  /** There are warnings, and `--strict` does not accept them. */
  warnings: 3,
  /** What is there is stale. */
  stale: 4,
  /** The gateway's state refuses it. */
  refused: 5,
  /** Wrong words, a wrong setting, or an input file that is not there. */
  usage: 64,
  unreachable: 69,
  internal: 70,
} as const;
