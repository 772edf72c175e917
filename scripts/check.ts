/**
 * Everything that must hold before a change is merged: `bun run check`. CI runs the same through `.ci/run`.
 *
 * The last line is the count alone: tests and steps together, `N passed, N failed`.
 */

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** The README's test command; each of its tests counts by itself, the architecture among them. */
const tests: Step = { name: "tests", command: ["bun", "test"] };

const steps: readonly Step[] = [
  { name: "types", command: ["bun", "x", "tsc", "--noEmit"] },
  { name: "lint", command: ["bun", "x", "biome", "check", "."] },
  { name: "schema in sync", command: ["bun", "scripts/schema.ts", "--check"] },
  {
    name: "routes.yaml passes",
    command: ["bun", "scripts/check_config.ts", "--strict", "--fail-under", "100"],
  },
  {
    name: "routes.yaml does what is expected of it",
    command: ["bun", "src/index.ts", "test", "routes.yaml", "--fail-under", "100", "--mutate"],
  },
];

/** Longest time one step may take. */
const stepMs = 10 * 60_000;

const total: Count[] = [await runTests()];
for (const step of steps) total.push(await runStep(step));

const passed = total.reduce((sum, count) => sum + count.passed, 0);
const failed = total.reduce((sum, count) => sum + count.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

async function runTests(): Promise<Count> {
  const { output, exitCode } = await run(tests);
  const passes = lastCount(output, "pass");
  const failures = lastCount(output, "fail");
  // A file that does not load fails no test, and a killed run prints no count.
  const silent = exitCode !== 0 && (failures ?? 0) === 0;
  console.log(output.trimEnd());
  verdict(tests.name, exitCode === 0);
  return { passed: passes ?? 0, failed: (failures ?? 0) + (silent ? 1 : 0) };
}

async function runStep(step: Step): Promise<Count> {
  const { output, exitCode } = await run(step);
  if (exitCode !== 0) console.log(output.trimEnd());
  verdict(step.name, exitCode === 0);
  return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function run({ command }: Step): Promise<{ output: string; exitCode: number }> {
  const child = Bun.spawn([...command], {
    cwd: `${import.meta.dir}/..`,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: {
      ...process.env,
      BUN_CONFIG_MAX_HTTP_REQUESTS: process.env.BUN_CONFIG_MAX_HTTP_REQUESTS ?? "65535",
    },
    timeout: stepMs,
  });
  const [out, err, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { output: `${out}${err}`, exitCode };
}

/** The number in the last line such as ` 12 pass`. */
function lastCount(output: string, word: string): number | null {
  const found = [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}$`, "gm"))].at(-1);
  return found?.[1] === undefined ? null : Number(found[1]);
}

function verdict(name: string, held: boolean): void {
  console.log(`${held ? "ok    " : "FAILED"}  ${name}`);
}
