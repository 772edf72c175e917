import type { Snapshot } from "../../domain/snapshot.ts";
import { endpointId } from "../../routing/identity.ts";

/** Tells whether an endpoint, by its id, is one that a snapshot could send a request to. */
export function endpointsOf(snapshot: Snapshot): (endpointId: string) => boolean {
  const exact = new Set<string>();
  const beginnings = new Set<string>();
  for (const { provider, upstream, isOpen } of upstreamsOf(snapshot)) {
    for (const member of provider.pool.length === 0 ? [null] : provider.pool) {
      (isOpen ? beginnings : exact).add(endpointId(provider, member, upstream));
    }
  }
  const prefixes = [...beginnings];
  return (id) => exact.has(id) || prefixes.some((prefix) => id.startsWith(prefix));
}

/** What the file switches off is never used. `isOpen`: the name goes on with whatever a pattern's `*` stands for. */
const upstreamsOf = ({ models, patterns }: Snapshot) =>
  [...models.values(), ...patterns].flatMap(({ name, enabled, targets }) =>
    targets
      .filter((target) => enabled && target.enabled && target.provider.enabled)
      .map(({ provider, model }) => {
        const isOpen = name.endsWith("*") && model.endsWith("*");
        return { provider, isOpen, upstream: isOpen ? model.slice(0, -1) : model };
      }),
  );
