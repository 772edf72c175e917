import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Answer, Api } from "../api.ts";
import { Problem } from "./panel.tsx";

/** Something that an administrator may have done, to be asked for with a reason. */
export interface Order {
  /** `Roll back`, `Reset a limit`. */
  readonly title: string;
  /** What it will do, before it is done. */
  readonly says: ComponentChildren;
  /** Where it is posted to. The reason is added to the body. */
  readonly path: string;
  readonly body?: object;
  /** What is chosen in the dialog itself. */
  readonly choices?: readonly Choice[];
  /** What the button that does it is called. */
  readonly act: string;
  /** Whether what serves gets less of something. */
  readonly isGrave?: boolean;
}

/** One thing to choose; the first option stands at first. */
export interface Choice {
  readonly label: string;
  readonly options: readonly Option[];
}

/** One option of a choice: the fields that it adds to the body, and what it is listed under. */
export interface Option {
  readonly label: string;
  readonly adds: object;
  readonly group?: string;
}

/** What the gateway says of an order that it has carried out. */
interface Done {
  readonly message: string;
}

/** Lets a section ask for orders: `ask` opens the dialog, which has to stand somewhere. `onDone` is told of each that was done. */
export function useOrders(api: Api, onDone: () => void) {
  const [order, setOrder] = useState<Order | null>(null);
  const dialog =
    order === null ? null : (
      <OrderDialog key={order.title} api={api} order={order} onDone={onDone} onClose={() => setOrder(null)} />
    );
  return { ask: setOrder, dialog };
}

function OrderDialog({
  api,
  order,
  onDone,
  onClose,
}: {
  readonly api: Api;
  readonly order: Order;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const title = useId();
  const box = useRef<HTMLDialogElement>(null);
  const [said, setSaid] = useState<Answer<Done> | "busy" | null>(null);
  useEffect(() => {
    // The element that had the focus gets it back: the browser does that on close.
    box.current?.showModal();
    return () => box.current?.close();
  }, []);
  const send = async (body: object): Promise<void> => {
    setSaid("busy");
    const answer = await api.post<Done>(order.path, body);
    setSaid(answer);
    if (answer.ok) onDone();
  };
  const done = said !== "busy" && said?.ok === true ? said.value.message : null;
  return (
    <dialog ref={box} class="order" aria-labelledby={title} onClose={onClose}>
      <h2 id={title}>{order.title}</h2>
      <div role="status">{done === null ? null : <p class="answer">{done}</p>}</div>
      {done === null ? (
        <Question
          order={order}
          isBusy={said === "busy"}
          problem={said !== null && said !== "busy" && !said.ok ? said.message : null}
          onSend={(body) => void send(body)}
          onClose={() => box.current?.close()}
        />
      ) : (
        <p class="acts">
          <button type="button" ref={focused} onClick={() => box.current?.close()}>
            Close
          </button>
        </p>
      )}
    </dialog>
  );
}

const focused = (element: HTMLElement | null): void => element?.focus();

function Question({
  order: { says, choices = [], body = {}, act, isGrave = false },
  isBusy,
  problem,
  onSend,
  onClose,
}: {
  readonly order: Order;
  readonly isBusy: boolean;
  readonly problem: string | null;
  readonly onSend: (body: object) => void;
  readonly onClose: () => void;
}) {
  const [chosen, setChosen] = useState<readonly number[]>(choices.map(() => 0));
  const [reason, setReason] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    const added = choices.map(({ options }, at) => options[chosen[at] ?? 0]?.adds ?? {});
    if (!isBusy) onSend(Object.assign({}, body, ...added, { reason: reason.trim() }));
  };
  return (
    <form onSubmit={submit}>
      <p>{says}</p>
      {choices.map((choice, at) => (
        <Select
          key={choice.label}
          choice={choice}
          chosen={chosen[at] ?? 0}
          onChoice={(index) => setChosen(chosen.with(at, index))}
        />
      ))}
      <label>
        Reason
        <input
          type="text"
          required
          // A sentence: something has to be in it besides spaces.
          pattern=".*\S.*"
          maxLength={500}
          autocomplete="off"
          placeholder="Recorded with your name"
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <Problem text={problem} />
      <p class="acts">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class={isGrave ? "grave" : "main"} disabled={isBusy}>
          {isBusy ? "Asking …" : act}
        </button>
      </p>
    </form>
  );
}

function Select({
  choice: { label, options },
  chosen,
  onChoice,
}: {
  readonly choice: Choice;
  readonly chosen: number;
  readonly onChoice: (index: number) => void;
}) {
  const groups = [...new Set(options.map(({ group }) => group ?? ""))];
  const listed = (of: string) =>
    options.map(({ label: name, group = "" }, index) =>
      group !== of ? null : (
        <option key={name} value={index}>
          {name}
        </option>
      ),
    );
  return (
    <label>
      {label}
      <select value={chosen} onChange={(event) => onChoice(Number(event.currentTarget.value))}>
        {groups.map((group) =>
          group === "" ? (
            listed(group)
          ) : (
            <optgroup key={group} label={group}>
              {listed(group)}
            </optgroup>
          ),
        )}
      </select>
    </label>
  );
}
