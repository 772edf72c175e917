import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Board } from "./board.ts";
import { type Edge, edgesOf, reachOf } from "./edges.ts";
import { type Box, layoutOf } from "./layout.ts";
import { ModelNode, NameNode, ProviderHeading, TargetNode } from "./nodes.tsx";
import type { Shown } from "./shown.ts";

/** The graph: boxes that can be focused over lines. What has to do with the one looked at stays bright. */
export function Drawing({
  board,
  shown,
  onModel,
}: {
  readonly board: Board;
  readonly shown: Shown;
  /** Somebody wants to know why a request for this name goes where it goes. */
  readonly onModel: (name: string) => void;
}) {
  const [box, width] = useWidth();
  const layout = useMemo(() => layoutOf(board, shown, width), [board, shown, width]);
  const edges = useMemo(() => edgesOf(layout), [layout]);
  const [over, setOver] = useState<string | null>(null);
  const lit = useMemo(() => (over === null ? null : reachOf(edges, over)), [edges, over]);
  const node = (at: Box): NodeProps => ({
    style: { left: `${at.x}px`, top: `${at.y}px`, width: `${at.width}px`, height: `${at.height}px` },
    class: lit === null || lit.has(at.id) ? "" : "dim",
    onMouseEnter: () => setOver(at.id),
    onMouseLeave: () => setOver(null),
    onFocus: () => setOver(at.id),
    onBlur: () => setOver(null),
  });
  return (
    <div class="scroll" ref={box}>
      <div class="graph" style={{ width: `${layout.width}px`, height: `${layout.height}px` }}>
        <Lines width={layout.width} height={layout.height} edges={edges} lit={lit} />
        {layout.names.map((at) => (
          <NameNode key={at.id} box={at} node={node(at)} onModel={onModel} />
        ))}
        {layout.models.map((at) => (
          <ModelNode key={at.id} board={board} box={at} node={node(at)} onModel={onModel} />
        ))}
        {layout.providers.map((at) => (
          <ProviderHeading key={at.id} board={board} box={at} style={node(at).style} />
        ))}
        {layout.targets.map((at) => (
          <TargetNode key={at.id} board={board} box={at} node={node(at)} />
        ))}
      </div>
    </div>
  );
}

/** What every box of the graph has in common. */
export interface NodeProps {
  readonly style: Readonly<Record<"left" | "top" | "width" | "height", string>>;
  readonly class: string;
  readonly onMouseEnter: () => void;
  readonly onMouseLeave: () => void;
  readonly onFocus: () => void;
  readonly onBlur: () => void;
}

const arrows = ["any", "context_window", "content_policy"];

/** The boxes say all that the lines show. */
function Lines({
  width,
  height,
  edges,
  lit,
}: {
  readonly width: number;
  readonly height: number;
  readonly edges: readonly Edge[];
  readonly lit: ReadonlySet<string> | null;
}) {
  const look = ({ id, kind, isOff }: Edge): string =>
    `edge ${kind}${isOff ? " off" : ""}${lit === null ? "" : lit.has(id) ? " lit" : " dim"}`;
  const labels: readonly ComponentChildren[] = edges.map((edge) =>
    edge.label.text === "" ? null : (
      <text key={edge.id} class={look(edge)} x={edge.label.x} y={edge.label.y}>
        {edge.label.text}
      </text>
    ),
  );
  return (
    <svg width={width} height={height} aria-hidden="true">
      <defs>
        {arrows.map((kind) => (
          <marker
            key={kind}
            id={`arrow-${kind}`}
            class={`arrow ${kind}`}
            {...{ viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7 }}
            orient="auto"
          >
            <path d="M0 0L8 4L0 8z" />
          </marker>
        ))}
      </defs>
      {edges.map((edge) => (
        <path key={edge.id} class={look(edge)} d={edge.path} />
      ))}
      {labels}
    </svg>
  );
}

/** An element, and how wide it is. */
function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const sizes = new ResizeObserver(() => setWidth(element.clientWidth));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, []);
  return [box, width] as const;
}
