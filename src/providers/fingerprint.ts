/** 64 bits of a text in hex, the same every time: two FNV-1a hashes with different seeds. To tell answers apart, not to protect anything. */
export function fingerprint(text: string): string {
  return hex(hash(text, 0x811c9dc5)) + hex(hash(text, 0x050c5d1f));
}

/** 32 bits of a text. https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
export function hash(text: string, seed: number): number {
  let value = seed >>> 0;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  // FNV alone leaves the last characters in the low bits.
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

const hex = (value: number): string => value.toString(16).padStart(8, "0");
