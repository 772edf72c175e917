let failures = 0;
let holding = 0;

/** Says whether something holds, and counts it. */
export function say(holds: boolean, what: string, more: unknown = ""): void {
  if (holds) holding += 1;
  else failures += 1;
  const said = holds ? "" : ` ${JSON.stringify(more).slice(0, 800)}`;
  console.log(`${holds ? "  holds  " : "✗ FAILS  "}${what}${said}`);
}

/** A chapter of the story; what breaks it off is counted, and the next one begins. */
export async function chapter(title: string, run: () => Promise<void>): Promise<void> {
  console.log(`\n${title}`);
  const startedAt = performance.now();
  await run().catch((error: unknown) => say(false, "goes on to its end", String(error)));
  console.log(`  ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
}

/** The last line; whether all held. */
export function verdict(): boolean {
  console.log(failures === 0 ? `\nAll ${holding} hold.` : `\n${failures} of ${failures + holding} FAIL.`);
  return failures === 0;
}
