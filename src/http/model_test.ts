import { Elysia, NotFoundError } from "elysia";
import type { Gateway } from "../gateway/gateway.ts";
import { testModel } from "../gateway/probe/model.ts";
import { arrivalOf } from "./door.ts";
import { testedBy } from "./models.ts";

/** Where a test stands, for those who list what there is: the router knows wildcards at the end alone. */
export const testPath = "/v1/models/*/test";

/** POST /v1/models/{id}/test: one small real request to each target of a model. We read the body ourselves, if there is one. */
export const modelTest = (gateway: Gateway) =>
  new Elysia({ name: "model_test" }).post(
    "/v1/models/*",
    ({ request, params }) => {
      const model = testedBy(params["*"]);
      if (model === null) throw new NotFoundError();
      return testModel(gateway, arrivalOf(request), model);
    },
    { parse: "none" },
  );
