import { ResponseParser } from "../../../src/runtime/http1/parse.ts";

/** What a parser made of some pieces, written out for comparing. */
export interface Reading {
  readonly status: number | null;
  readonly fields: readonly string[];
  readonly body: string;
  readonly ended: boolean;
  readonly surplus: boolean;
  readonly reusable: boolean | null;
  readonly fault: string | null;
}

/** Reads a response that comes in these pieces, followed by the end of the connection if `closes`. */
export function readAll(pieces: readonly string[], closes = false): Reading {
  const said = {
    status: 0,
    fields: [] as readonly string[],
    body: "",
    ended: false,
    surplus: false,
    reusable: false,
  };
  let heads = 0;
  const parser = new ResponseParser({
    onHead: (head) => {
      heads += 1;
      said.status = head.status;
      said.fields = head.fields;
      said.reusable = head.reusable;
    },
    onBody: (piece) => {
      said.body += Buffer.from(piece).toString("latin1");
    },
    onMessageEnd: (surplus) => {
      said.ended = true;
      said.surplus ||= surplus;
    },
  });
  parser.start();
  let fault: string | null = null;
  for (const piece of pieces) {
    if (said.ended) said.surplus = true;
    else fault ??= parser.push(Buffer.from(piece, "latin1"));
  }
  if (closes && fault === null && !said.ended && !parser.finish()) fault = "cut";
  if (heads > 1) throw new Error("two heads");
  return {
    ...said,
    status: heads === 0 ? null : said.status,
    reusable: heads === 0 ? null : said.reusable,
    fault,
  };
}
