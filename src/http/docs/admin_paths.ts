import { byAdmin, type Fields, failing, json, ok, operation, ref } from "./words.ts";

const refusedToAnyone = failing("invalid_api_key", "role_not_allowed");

const look = (
  summary: string,
  description: string,
  example: object,
  parameters: readonly Fields[] = [],
): Fields => ({
  get: operation("Admin", summary, description, {
    ...byAdmin,
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: { ...ok("As it is now.", ref("Any"), example), ...refusedToAnyone },
  }),
});

const act = (summary: string, description: string, asked: object, answered: object = done): Fields => ({
  post: operation("Admin", summary, description, {
    ...byAdmin,
    requestBody: { required: true, ...json(ref("Any"), asked) },
    responses: { ...ok("Done.", ref("Any"), answered), ...failing("invalid_request"), ...refusedToAnyone },
  }),
});

const done = { message: "Generation 40 serves again; 41 is quarantined.", status: {} };

/** What people may see and do, and the hint of a forge; each is one operation. */
export const adminPaths: Fields = {
  "/hooks/git": {
    post: operation(
      "Admin",
      "Push webhook",
      "A hint to look at the repository now. Signed by the forge: `X-Hub-Signature-256` (GitHub, Gitea) or `X-Gitlab-Token`.",
      {
        requestBody: { required: true, ...json(ref("Any"), { ref: "refs/heads/main" }) },
        responses: {
          ...ok("Not given; the answer is 202.", ref("Any"), {}),
          202: { description: "Heard." },
          ...failing("invalid_api_key", "body_too_large"),
        },
      },
    ),
  },
  "/admin/api/config": look("The texts that serve", "The source files of the active generation.", {
    generation: 41,
    files: [],
  }),
  "/admin/api/explain": act(
    "Explain a decision",
    "One decision step by step, with the live state; nothing is sent and nothing is counted.",
    { model: "chat", tokens: 1_000 },
    {
      status: 200,
      provider: "openai",
      model: "chat",
      attempts: 1,
      steps: [{ text: "alias gpt-4 is chat", file: "routes.yaml", line: 72 }],
    },
  ),
};
