import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import type { ProviderKind } from "../../src/domain/provider_kind.ts";
import { fromBase64, inEncoding, toBase64 } from "../../src/providers/embedding.ts";
import { adapterOf } from "../../src/providers/registry.ts";
import { upstream } from "./fixtures.ts";

setDefaultTimeout(20_000);

const bytes = (...values: number[]) => new Uint8Array(values).toBase64();

describe("an embedding in base64", () => {
  test("is little-endian float32", () => {
    expect(toBase64([1, -2])).toBe(bytes(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0));
    expect(fromBase64(bytes(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0))).toEqual([1, -2]);
  });

  test("comes back as it went, to the precision of float32", () => {
    const vector = fc.array(fc.float({ noNaN: true }), { minLength: 1 });
    fc.assert(fc.property(vector, (values) => expect(fromBase64(toBase64(values))).toEqual(values)));
  });

  test.each([["no base64 at all!"], [bytes(1, 2, 3)], [""]])("is none in %j", (text) => {
    expect(fromBase64(text)).toBeNull();
  });
});

describe("an item of an answer", () => {
  const packed = toBase64([0.5, 0.25]);

  test.each<[string, unknown, unknown, unknown]>([
    ["floats become base64 where that was asked for", "base64", [0.5, 0.25], packed],
    ["base64 becomes floats where those were asked for", "float", packed, [0.5, 0.25]],
    ["base64 stays where nothing was asked for", undefined, packed, packed],
    ["what is no float32 stays", "float", bytes(1, 2, 3), bytes(1, 2, 3)],
  ])("%s", (_, format, came, shown) => {
    expect(inEncoding({ embedding: came, index: 0 }, format)).toEqual({ embedding: shown, index: 0 });
  });

  test("that is as asked is the very object that came", () => {
    for (const [format, embedding] of [
      ["base64", packed],
      ["float", [1]],
      [undefined, [1]],
    ]) {
      const item = { embedding };
      expect(inEncoding(item, format)).toBe(item);
    }
  });

  test.each(["openai", "mistral", "qwen"] satisfies ProviderKind[])(
    "of %s is in the encoding asked for",
    (kind) => {
      const answer = { data: [{ object: "embedding", index: 0, embedding: [0.5, 0.25] }] };
      const request = upstream(kind, { input: "x", encoding_format: "base64" }, { endpoint: "embeddings" });
      const decoded = adapterOf(kind)?.decode(answer, request);
      expect(decoded?.ok && decoded.body).toMatchObject({ data: [{ embedding: packed }] });
    },
  );
});
