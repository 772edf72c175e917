import { Panel } from "../parts/panel.tsx";
import type { SectionProps } from "../sections.ts";
import { useAnswer } from "../use_answer.ts";

/** What the traffic does at this moment. */
export function Now({ api }: SectionProps) {
  const asked = useAnswer<object>(api, "/metrics", 2_000);
  return (
    <Panel title="Traffic">
      <pre>{JSON.stringify(asked.value, null, 2)}</pre>
    </Panel>
  );
}
