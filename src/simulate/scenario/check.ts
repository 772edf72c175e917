import type { Making } from "../../config/compile/making.ts";
import type { CaseText, ExpectText } from "../../config/schema/tests.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { namesFor } from "./for_all.ts";
import { disableable } from "./make.ts";
import type { Names } from "./missing.ts";

type SendText = NonNullable<CaseText["send"]>;
type GivenText = NonNullable<CaseText["given"]>;

/** Reports what no case can mean. */
export function checkForm({ report, places }: Making, text: CaseText): void {
  const { send, for_all: forAll, expect } = text;
  if (send === undefined && forAll === undefined) {
    report("missing_key", places.of(text), 'The key "send" is missing; it must say what is asked for.');
  }
  if (send?.model !== undefined && forAll?.model !== undefined) {
    const message = "for_all says already which models are asked; delete one of the two.";
    report("unknown_key", places.key(send, "model"), message);
  }
  if (Object.keys(expect).length === 0) {
    report("out_of_range", places.value(text, "expect"), "Nothing is expected here, so nothing is tested.");
  }
}

/** Reports what a case names and the routing file does not have. */
export function checkNames(making: Making, text: CaseText, snapshot: Snapshot, names: Names): void {
  if (text.given !== undefined) checkGiven(making, text.given, names);
  if (text.send !== undefined) checkSend(making, text.send, text.expect, names);
  checkForAll(making, text.for_all, snapshot, names);
  checkExpect(making, text.expect, names);
}

function checkGiven({ places }: Making, given: GivenText, names: Names): void {
  const { disabled = [], spent = {}, providers = {} } = given;
  disabled.forEach((written, index) => {
    const { kind, name } = disableable(written);
    const check = { provider: names.provider, target: names.target, model: names.ownModel, key: names.key };
    check[kind](name, places.value(disabled, index));
  });
  for (const key of Object.keys(spent)) names.key(key, places.key(spent, key));
  for (const name of Object.keys(providers)) names.provider(name, places.key(providers, name));
}

/** That a name is not there can be the very thing that is tested. */
function checkSend({ places }: Making, send: SendText, expect: ExpectText, names: Names): void {
  const { model, key } = send;
  const code = expect.code ?? expect.refused?.code;
  const isLost = code === "model_not_found" || expect.status === 404;
  const isStrange = code === "invalid_api_key" || expect.status === 401;
  if (model !== undefined && !isLost) names.model(model, places.value(send, "model"));
  if (key !== undefined && !isStrange) names.key(key, places.value(send, "key"));
}

function checkForAll(
  { report, places }: Making,
  text: CaseText["for_all"],
  snapshot: Snapshot,
  names: Names,
): void {
  if (text?.model === undefined) return;
  const at = places.value(text, "model");
  if (!text.model.includes("*")) names.model(text.model, at);
  else if (namesFor(snapshot, text.model).length === 0) {
    const message = `No model is named like "${text.model}", so nothing is tested here.`;
    report("unused", at, message, { severity: "warning" });
  }
}

function checkExpect({ places }: Making, expect: ExpectText, names: Names): void {
  const { provider, model, fallback_from: from, not_used: unused = [] } = expect;
  if (provider !== undefined) names.provider(provider, places.value(expect, "provider"));
  if (model !== undefined) names.answerer(model, places.value(expect, "model"));
  if (from !== undefined) names.model(from, places.value(expect, "fallback_from"));
  unused.forEach((name, index) => {
    (name.includes("/") ? names.target : names.provider)(name, places.value(unused, index));
  });
}
