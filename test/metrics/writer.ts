import { openJournal } from "../../src/metrics/journal.ts";
import { keeping, request } from "./traffic.ts";

/** A process to be killed: it records rows without end, and says after each flush how many are acknowledged. */
const journal = openJournal({
  file: process.argv[2] ?? "",
  keeping,
  onProblem: (problem) => console.error(problem),
});
for (let recorded = 0; ; ) {
  for (const last = recorded + 250; recorded < last; recorded += 1)
    journal.record(request({ request_id: `${recorded}` }));
  await journal.flush();
  console.log(recorded);
}
