/** Freezes plain data all the way down, the values of maps included. */
export function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const held of value instanceof Map ? value.values() : Object.values(value)) freeze(held);
  return value;
}
