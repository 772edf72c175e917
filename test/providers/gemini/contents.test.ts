import { describe, expect, test } from "bun:test";
import { encode } from "./encode.ts";

const say = (role: string, content: unknown, more: object = {}) => ({ role, content, ...more });
const user = (...parts: readonly object[]) => ({ role: "user", parts });
const model = (...parts: readonly object[]) => ({ role: "model", parts });
const text = (words: string) => ({ text: words });
const call = (id: string, name: string, args: string, more: object = {}) => ({
  id,
  type: "function",
  function: { name, arguments: args },
  ...more,
});

const contentsOf = (messages: readonly object[], name?: string) =>
  encode({ messages }, name).body["contents"];

describe("a conversation in Gemini's words", () => {
  test.each<[string, readonly object[], readonly object[]]>([
    [
      "has two roles",
      [say("user", "a"), say("assistant", "b"), say("user", "c")],
      [user(text("a")), model(text("b")), user(text("c"))],
    ],
    [
      "joins what one side says in a row",
      [say("user", "a"), say("user", "b"), say("assistant", "c"), say("assistant", "d")],
      [user(text("a"), text("b")), model(text("c"), text("d"))],
    ],
    [
      "leaves empty messages out",
      [say("user", "a"), say("assistant", ""), say("assistant", null), say("user", [say("text", "")])],
      [user(text("a"))],
    ],
    ["is begun by the user", [say("assistant", "a")], [user(text(" ")), model(text("a"))]],
    ["is never empty", [say("user", "")], [user(text(" "))]],
    [
      "keeps a refusal as the words that it is",
      [say("user", "a"), say("assistant", null, { refusal: "no" })],
      [user(text("a")), model(text("no"))],
    ],
    [
      "does without thoughts of earlier turns",
      [say("user", "a"), say("assistant", "b", { reasoning_content: "t" })],
      [user(text("a")), model(text("b"))],
    ],
  ])("%s", (_, messages, contents) => {
    expect(contentsOf(messages)).toEqual(contents);
  });

  test("has its instructions apart, wherever they stood", () => {
    const messages = [say("system", "a"), say("user", "q"), say("developer", [{ type: "text", text: "b" }])];
    expect(encode({ messages }).body).toEqual({
      contents: [user(text("q"))],
      systemInstruction: { parts: [text("a"), text("b")] },
    });
  });

  test("is its instructions where it has nothing else", () => {
    expect(encode({ messages: [say("system", "a")] }).body).toEqual({ contents: [user(text("a"))] });
  });

  test("begins with its instructions for models that take none", () => {
    const messages = [say("system", "a"), say("user", "q")];
    expect(encode({ messages }, "gemma-3-27b-it").body).toEqual({ contents: [user(text("a"), text("q"))] });
  });

  test("names what it leaves out of messages, and no word of them", () => {
    const messages = [
      say("system", [{ type: "image_url", image_url: { url: "https://secret.example/a.png" } }]),
      say(
        "user",
        [
          { type: "holograph", holograph: "secret" },
          { type: "text", text: "q" },
        ],
        { name: "secret" },
      ),
      say("assistant", "b", { audio: { id: "secret" } }),
      say("user", [{ type: "file", file: { file_id: "file-secret" } }]),
    ];
    const { warnings } = encode({ messages });
    expect(warnings).toEqual([
      "what is no text of a system message dropped: instructions are text",
      "messages[].name dropped: Gemini knows roles only",
      "messages[].content[] of type holograph dropped: Gemini knows no such part",
      "messages[].audio dropped: Gemini keeps no audio",
      "messages[].content[] of type file dropped: it is neither data nor a URL",
    ]);
  });
});

describe("media in Gemini's words", () => {
  const image = (url: string) => ({ type: "image_url", image_url: { url } });
  const inline = (mimeType: string, data: string) => ({ inlineData: { mimeType, data } });

  test.each<[string, object, object]>([
    ["an image as data", image("data:image/png;base64,QUJD"), inline("image/png", "QUJD")],
    ["an image of a type by another name", image("data:image/jpg;base64,QUJD"), inline("image/jpeg", "QUJD")],
    ["data that is text", image("data:text/plain,a%20b"), inline("text/plain", "YSBi")],
    [
      "an image by its URL, which nobody fetches",
      image("https://example.com/a.png?b=c.d"),
      { fileData: { mimeType: "image/png", fileUri: "https://example.com/a.png?b=c.d" } },
    ],
    [
      "a URL that tells no type",
      image("https://example.com/a"),
      { fileData: { fileUri: "https://example.com/a" } },
    ],
    [
      "audio",
      { type: "input_audio", input_audio: { data: "QUJD", format: "mp3" } },
      inline("audio/mp3", "QUJD"),
    ],
    [
      "a file as data",
      { type: "file", file: { filename: "a", file_data: "data:application/pdf;base64,QUJD" } },
      inline("application/pdf", "QUJD"),
    ],
    [
      "a file as bare base64",
      { type: "file", file: { filename: "a.txt", file_data: "QUJD" } },
      inline("text/plain", "QUJD"),
    ],
    [
      "a file of Google's",
      { type: "file", file: { file_id: "gs://bucket/a.mp4" } },
      { fileData: { mimeType: "video/mp4", fileUri: "gs://bucket/a.mp4" } },
    ],
    [
      "a video",
      { type: "video_url", video_url: { url: "https://youtu.be/x" } },
      { fileData: { fileUri: "https://youtu.be/x" } },
    ],
  ])("are %s", (_, part, sent) => {
    const { body, warnings } = encode({ messages: [say("user", [part])] });
    expect({ contents: body["contents"], warnings }).toEqual({ contents: [user(sent)], warnings: [] });
  });

  test("are looked at as closely as all others", () => {
    const close = (detail: string) => ({
      type: "image_url",
      image_url: { url: "data:image/png;base64,QUJD", detail },
    });
    expect(encode({ messages: [say("user", [close("auto")])] }).warnings).toEqual([]);
    expect(encode({ messages: [say("user", [close("low")])] }).warnings).toEqual([
      "messages[].content[].image_url.detail dropped: Gemini has one for all images",
    ]);
  });

  test.each([["data:image/png"], ["data:text/plain,%"], ["ftp://example.com/a.png"], [""]])(
    "cannot be %j",
    (url) => {
      const { body, warnings } = encode({
        messages: [say("user", [{ type: "text", text: "q" }, image(url)])],
      });
      expect(body["contents"]).toEqual([user(text("q"))]);
      expect(warnings).toEqual([
        "messages[].content[] of type image_url dropped: it is neither data nor a URL",
      ]);
    },
  );
});

describe("calls and results in Gemini's words", () => {
  const result = (id: string, content: unknown) => ({ role: "tool", tool_call_id: id, content });

  test.each<[string, unknown]>([
    ['{"a":1}', { a: 1 }],
    ["[1,2]", { result: [1, 2] }],
    ["sunny", { result: "sunny" }],
    ["7", { result: "7" }],
    ["", { result: "" }],
  ])("a result of %j is an object", (content, response) => {
    const messages = [
      say("user", "q"),
      say("assistant", null, { tool_calls: [call("c1", "f", "{}")] }),
      result("c1", content),
    ];
    expect(contentsOf(messages)).toEqual([
      user(text("q")),
      model({ functionCall: { name: "f", args: {} } }),
      user({ functionResponse: { name: "f", response } }),
    ]);
  });

  test("results of one turn are one content, in the order of their calls, before what the user says next", () => {
    const calls = [call("c1", "f", '{"n":1}'), call("c2", "f", '{"n":2}'), call("c3", "g", "")];
    const messages = [
      say("user", "q"),
      say("assistant", "wait", { tool_calls: calls }),
      ...[result("c3", "3"), result("c1", "1"), result("c2", [{ type: "text", text: "2" }])],
      say("user", "go on"),
    ];
    const answered = (name: string, said: string) => ({
      functionResponse: { name, response: { result: said } },
    });
    expect(contentsOf(messages)).toEqual([
      user(text("q")),
      model(
        text("wait"),
        { functionCall: { name: "f", args: { n: 1 } } },
        { functionCall: { name: "f", args: { n: 2 } } },
        { functionCall: { name: "g", args: {} } },
      ),
      user(answered("f", "1"), answered("f", "2"), answered("g", "3"), text("go on")),
    ]);
  });

  test("the same id in another turn is another call", () => {
    const turn = (name: string) => [
      say("assistant", null, { tool_calls: [call("call_0", name, "{}")] }),
      result("call_0", "x"),
    ];
    const contents = contentsOf([say("user", "q"), ...turn("f"), ...turn("g")]);
    expect(JSON.stringify(contents).match(/"functionResponse":\{"name":"\w"/g)).toEqual([
      '"functionResponse":{"name":"f"',
      '"functionResponse":{"name":"g"',
    ]);
  });

  test("pictures that a tool took stand beside its result", () => {
    const picture = { type: "image_url", image_url: { url: "data:image/png;base64,QUJD" } };
    const messages = [
      say("user", "q"),
      say("assistant", null, { tool_calls: [call("c1", "f", "{}")] }),
      result("c1", [{ type: "text", text: "look" }, picture]),
    ];
    expect(contentsOf(messages)).toEqual([
      user(text("q")),
      model({ functionCall: { name: "f", args: {} } }),
      user(
        { functionResponse: { name: "f", response: { result: "look" } } },
        { inlineData: { mimeType: "image/png", data: "QUJD" } },
      ),
    ]);
  });

  test.each<[string, unknown]>([
    ["not json", { arguments: "not json" }],
    ["[1]", { arguments: "[1]" }],
    ['"a"', { arguments: '"a"' }],
  ])("arguments of %j are kept as text", (written, args) => {
    const messages = [
      say("user", "q"),
      say("assistant", null, { tool_calls: [call("c1", "f", written)] }),
      result("c1", "x"),
    ];
    const { body, warnings } = encode({ messages });
    expect(body["contents"]).toContainEqual(model({ functionCall: { name: "f", args } }));
    expect(warnings).toEqual(["messages[].tool_calls[].function.arguments sent as text: they are no object"]);
  });

  test("a result of no call is words, so that the conversation goes on", () => {
    const { body, warnings } = encode({ messages: [say("user", "q"), result("c9", "lost")] });
    expect(body["contents"]).toEqual([user(text("q"), text("lost"))]);
    expect(warnings).toEqual(["a message of role tool sent as text: it answers no open call"]);
  });

  test("results of other ids answer the calls in their order, so that none is left open", () => {
    const calls = [call("c1", "f", "{}"), call("c2", "g", "{}")];
    const messages = [
      say("user", "q"),
      say("assistant", null, { tool_calls: calls }),
      result("x1", "1"),
      result("c1", "2"),
      result("c1", "3"),
    ];
    const { body, warnings } = encode({ messages });
    expect(body["contents"]).toEqual([
      user(text("q")),
      model({ functionCall: { name: "f", args: {} } }, { functionCall: { name: "g", args: {} } }),
      user({ functionResponse: { name: "f", response: { result: "1" } } }, text("2"), text("3")),
    ]);
    expect(warnings).toEqual([
      "a message of role tool taken for the next in order: no call has its id",
      "a message of role tool sent as text: it answers no open call",
    ]);
  });

  test("functions from before tools, and tools of free text, are calls too", () => {
    const messages = [
      say("user", "q"),
      say("assistant", null, { function_call: { name: "f", arguments: '{"a":1}' } }),
      say("function", "r", { name: "f" }),
      say("assistant", null, {
        tool_calls: [{ id: "c1", type: "custom", custom: { name: "sql", input: "select 1" } }],
      }),
      result("c1", "1"),
    ];
    expect(contentsOf(messages)).toEqual([
      user(text("q")),
      model({ functionCall: { name: "f", args: { a: 1 } } }),
      user({ functionResponse: { name: "f", response: { result: "r" } } }),
      model({ functionCall: { name: "sql", args: { input: "select 1" } } }),
      user({ functionResponse: { name: "sql", response: { result: "1" } } }),
    ]);
  });

  test("go by id where the model gives ids", () => {
    const messages = [
      say("user", "q"),
      say("assistant", null, { tool_calls: [call("c1", "f", "{}")] }),
      result("c1", "x"),
    ];
    expect(contentsOf(messages, "models/gemini-3.5-flash")).toMatchObject([
      {},
      model({ functionCall: { id: "c1", name: "f", args: {} } }),
      user({ functionResponse: { id: "c1", name: "f", response: { result: "x" } } }),
    ]);
  });
});

describe("thought signatures in Gemini's words", () => {
  const skip = "skip_thought_signature_validator";
  const bearing = (signature: string) => ({ extra_content: { google: { thought_signature: signature } } });
  const signaturesIn = (messages: readonly object[], name: string) =>
    (contentsOf(messages, name) as readonly { parts: readonly { thoughtSignature?: string }[] }[]).map(
      ({ parts }) => parts.map(({ thoughtSignature }) => thoughtSignature ?? null),
    );
  const step = (...calls: readonly object[]) => [
    say("assistant", null, { tool_calls: calls }),
    ...calls.map((each) => ({ role: "tool", tool_call_id: (each as { id: string }).id, content: "x" })),
  ];

  test.each(["gemini-3-pro-preview", "gemini-2.5-flash"])(
    "of calls and of text go back to %s as they came",
    (name) => {
      const messages = [
        say("user", "q"),
        ...step(call("a", "f", "{}", bearing("s1")), call("b", "f", "{}")),
        ...step(call("c", "f", "{}", bearing("s2"))),
        say("assistant", "done", bearing("s3")),
      ];
      expect(signaturesIn(messages, name)).toEqual([
        [null],
        ["s1", null],
        [null, null],
        ["s2"],
        [null],
        ["s3"],
      ]);
    },
  );

  test("are said to be missing where Gemini 3 would refuse the conversation: on the first call of each step of this turn", () => {
    const messages = [
      ...[say("user", "earlier"), ...step(call("a", "f", "{}")), say("assistant", "b"), say("user", "now")],
      ...step(call("c", "f", "{}"), call("d", "f", "{}")),
      ...step(call("e", "f", "{}", bearing("s"))),
      ...step(call("g", "f", "{}")),
    ];
    const turn = [[skip, null], [null, null], ["s"], [null], [skip], [null]];
    const earlier = [[null], [null], [null], [null], [null]];
    expect(signaturesIn(messages, "gemini-3-pro-preview")).toEqual([...earlier, ...turn]);
    expect(JSON.stringify(signaturesIn(messages, "gemini-2.5-pro"))).not.toContain(skip);
  });
});
