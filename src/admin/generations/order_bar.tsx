import type { HistoryEntry } from "../../rollout/history.ts";
import type { Status } from "../../rollout/status.ts";
import type { Api } from "../api.ts";
import type { Order } from "../parts/order.tsx";
import { useAnswer } from "../use_answer.ts";
import { disable, look, pinAny, resume, rollback, suspend, unpin } from "./orders.ts";
import type { Names } from "./told.ts";

/** What people can do to what serves. */
export function OrderBar({
  api,
  status,
  entries,
  ask,
}: {
  readonly api: Api;
  readonly status: Status | null;
  readonly entries: readonly HistoryEntry[];
  readonly ask: (order: Order) => void;
}) {
  const names = useAnswer<Names>(api, "/admin/api/routes", 30_000);
  if (status === null) return null;
  const active = status.active?.generation ?? null;
  const orders: readonly (readonly [string, Order | null])[] = [
    ["Look now", look(false)],
    ["Roll back", rollback(entries, active)],
    status.pinned === null ? ["Pin", pinAny(entries, active)] : ["Unpin", unpin],
    status.suspended === null ? ["Suspend", suspend] : ["Resume", resume],
    ["Disable", names.value === null ? null : disable(names.value)],
  ];
  return (
    <>
      {orders.map(([label, order]) => (
        <button
          key={label}
          type="button"
          aria-haspopup="dialog"
          disabled={order === null}
          onClick={() => order === null || ask(order)}
        >
          {label}
        </button>
      ))}
    </>
  );
}
