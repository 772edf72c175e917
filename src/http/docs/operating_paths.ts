import { byAdmin, type Fields, failing, json, ok, operation, ref } from "./words.ts";

const refusedToAnyone = failing("invalid_api_key", "role_not_allowed");

/** What people do about what is wrong now. */
export const operatingPaths: Fields = {
  "/admin/api/reset": {
    post: operation(
      "Admin",
      "Reset a limit or a circuit",
      "`kind: limit` forgets what counts against one limit or budget, named as `/admin/api/limits` names it; `kind: circuit` closes the circuit of a provider's `model`. Requests under way go on, and what they take is not counted any more. `concurrency` is what is under way, and cannot be reset. Recorded with who and why.",
      {
        ...byAdmin,
        requestBody: {
          required: true,
          ...json(ref("Any"), {
            ...{ kind: "limit", scope: "key", name: "web", limit: "tpm" },
            reason: "a runaway job was stopped",
          }),
        },
        responses: {
          ...ok("Done.", ref("Any"), { message: "The tokens per minute of key web count from zero again." }),
          ...failing("invalid_request", "refused_by_state"),
          ...refusedToAnyone,
        },
      },
    ),
  },
};
