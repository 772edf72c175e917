import { Chip } from "../parts/tile.tsx";
import { duration } from "../words.ts";
import { type Board, conditionOf, conditionOfModel, conditionOfProvider, latencyOf } from "./board.ts";
import type { NodeProps } from "./drawing.tsx";
import type { ModelBox, NameBox, ProviderBox, TargetBox } from "./layout.ts";
import { fallbacksSaid, flagsOf, priceOf } from "./says.ts";

/** A name that clients may use; pressed, it asks why a request for it goes where it goes. */
export const NameNode = ({
  box,
  node,
  onModel,
}: {
  readonly box: NameBox;
  readonly node: NodeProps;
  readonly onModel: (name: string) => void;
}) => (
  <button
    type="button"
    {...node}
    class={`node name ${node.class}`}
    title={box.name}
    onClick={() => onModel(box.name)}
  >
    {box.name}
    <span class="unseen">, a name of {box.to.join(", ")}: explain a request</span>
  </button>
);

/** A model; pressed, it asks why a request for it goes where it goes. */
export function ModelNode({
  board,
  box,
  node,
  onModel,
}: {
  readonly board: Board;
  readonly box: ModelBox;
  readonly node: NodeProps;
  readonly onModel: (name: string) => void;
}) {
  const { model } = box;
  const { state, says } = conditionOfModel(board, model);
  const more = [model.strategy, ...flagsOf(board, model)].join(" · ");
  const ways = model.targets.map((target) => `${target.provider}/${target.model}`).join(", ");
  return (
    <button
      type="button"
      {...node}
      class={`node model ${state} ${node.class}`}
      title={`${model.name}: ${says}`}
      onClick={() => onModel(model.name)}
    >
      <strong>{model.name}</strong>
      <small>
        {state === "good" ? null : <span class="word">{says} · </span>}
        {more}
      </small>
      <span class="unseen">
        , a model. Targets: {ways}. {fallbacksSaid(model)} Explain a request
      </span>
    </button>
  );
}

/** Above the targets of a provider: how it is doing. */
export function ProviderHeading({
  board,
  box,
  style,
}: {
  readonly board: Board;
  readonly box: ProviderBox;
  readonly style: NodeProps["style"];
}) {
  const { state, says } = conditionOfProvider(board, box.provider);
  return (
    <div class="heading" style={style}>
      <strong>{box.provider}</strong>
      <Chip state={state}>{says}</Chip>
    </div>
  );
}

/** A provider's model, with what is known of it now. */
export function TargetNode({
  board,
  box,
  node,
}: {
  readonly board: Board;
  readonly box: TargetBox;
  readonly node: NodeProps;
}) {
  const { state, says } = conditionOf(board, box.target);
  const latency = latencyOf(board, box.target);
  const more = [latency === null ? "" : duration(latency), priceOf(box.target.price)]
    .filter((word) => word !== "")
    .join(" · ");
  const name = `${box.provider}/${box.upstream}`;
  return (
    <div
      {...node}
      class={`node target ${state} ${node.class}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: focus shows what leads to it
      tabIndex={0}
      role="img"
      aria-label={`Target ${name}: ${says}. First output and price: ${more}`}
      title={`${name}: ${says}`}
    >
      <strong>{box.upstream}</strong>
      <small>
        {state === "good" ? null : <span class="word">{says} · </span>}
        {more}
      </small>
    </div>
  );
}
