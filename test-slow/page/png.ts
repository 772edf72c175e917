import { crc32, deflateSync, inflateSync } from "node:zlib";

/** A PNG of 8 bits a channel, as Chromium makes them, in the 256 colours that do it most justice. */
export function withPalette(png: Uint8Array): Uint8Array {
  const { width, height, channels, data } = decode(png);
  const colours = new Map<number, number>();
  const pixels = new Uint32Array(width * height);
  for (let at = 0; at < pixels.length; at++) {
    const [red = 0, green = 0, blue = 0] = data.subarray(at * channels, at * channels + 3);
    const colour = (red << 16) | (green << 8) | blue;
    pixels[at] = colour;
    colours.set(colour, (colours.get(colour) ?? 0) + 1);
  }
  const palette = paletteOf(colours);
  const places = new Map(palette.map((colour, place) => [colour, place]));
  const rows = new Uint8Array(height * (width + 1));
  for (let at = 0; at < pixels.length; at++) {
    const colour = pixels[at] ?? 0;
    const place = places.get(colour) ?? nearest(palette, colour);
    places.set(colour, place);
    rows[at + Math.floor(at / width) + 1] = place;
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  // 8 bits, by palette.
  header.setUint16(8, 0x0803);
  return Buffer.concat([
    signature,
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("PLTE", Uint8Array.from(palette.flatMap(split))),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", new Uint8Array()),
  ]);
}

const signature = Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10]);
const split = (colour: number): readonly number[] => [colour >> 16, (colour >> 8) & 255, colour & 255];

/** The commonest colours, and then whatever is farthest from all of them: a small red sign stays red. */
function paletteOf(colours: ReadonlyMap<number, number>): readonly number[] {
  const all = [...colours].toSorted(([, a], [, b]) => b - a).map(([colour]) => colour);
  const palette = all.slice(0, 128);
  const rest = all.slice(128, 8_000).map((colour) => {
    const place = palette[nearest(palette, colour)] ?? 0;
    return { colour, far: distance(place, colour) };
  });
  while (palette.length < 256 && rest.length > 0) {
    const farthest = rest.reduce((most, each) => (each.far > most.far ? each : most));
    if (farthest.far === 0) break;
    palette.push(farthest.colour);
    for (const each of rest) each.far = Math.min(each.far, distance(farthest.colour, each.colour));
  }
  return palette;
}

const distance = (a: number, b: number): number =>
  ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;

function nearest(palette: readonly number[], colour: number): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (const [place, each] of palette.entries()) {
    const far = distance(each, colour);
    if (far < least) [best, least] = [place, far];
  }
  return best;
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** Pixels row by row. */
function decode(png: Uint8Array) {
  const view = Buffer.from(png);
  const [width, height] = [view.readUInt32BE(16), view.readUInt32BE(20)];
  const channels = view[25] === 6 ? 4 : 3;
  const packed: Uint8Array[] = [];
  for (let at = 8; at < view.length; at += view.readUInt32BE(at) + 12) {
    if (view.toString("latin1", at + 4, at + 8) === "IDAT")
      packed.push(view.subarray(at + 8, at + 8 + view.readUInt32BE(at)));
  }
  return {
    width,
    height,
    channels,
    data: unfilter(inflateSync(Buffer.concat(packed)), width * channels, height, channels),
  };
}

/** Takes back the filter of each row (PNG, section 9). */
function unfilter(raw: Uint8Array, stride: number, height: number, step: number): Uint8Array {
  const data = new Uint8Array(stride * height);
  for (let row = 0; row < height; row++) {
    const filter = raw[row * (stride + 1)];
    for (let column = 0; column < stride; column++) {
      const at = row * stride + column;
      const left = column < step ? 0 : (data[at - step] ?? 0);
      const above = row === 0 ? 0 : (data[at - stride] ?? 0);
      const corner = row === 0 || column < step ? 0 : (data[at - stride - step] ?? 0);
      data[at] = (raw[at + row + 1] ?? 0) + guess(filter, left, above, corner);
    }
  }
  return data;
}

function guess(filter: number | undefined, left: number, above: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  if (filter !== 4) return 0;
  const base = left + above - corner;
  const [byLeft, byAbove, byCorner] = [
    Math.abs(base - left),
    Math.abs(base - above),
    Math.abs(base - corner),
  ];
  return byLeft <= byAbove && byLeft <= byCorner ? left : byAbove <= byCorner ? above : corner;
}
