/** Whether `bun run test:thorough` asks for every case; the quick run takes a fair share of the longest tables. */
export const isThorough = (process.env["THOROUGH"] ?? "") !== "";

/** How many cases are generated: so many in the quick run, and so many when it may take its time. */
export const cases = (quick: number, all: number): number => (isThorough ? all : quick);
