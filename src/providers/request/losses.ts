import type { Loss, UpstreamRequest } from "../../domain/adapter.ts";
import type { Fields } from "../fields.ts";
import { Losses } from "../losses.ts";
import { isMoreThanText, isSystem, messagesOf } from "./prompt.ts";

const unmentioned = "the request template does not mention it";

/** Either of the two says what the other does. */
const synonyms: Readonly<Record<string, string>> = {
  max_tokens: "max_completion_tokens",
  max_completion_tokens: "max_tokens",
};

/** The gateway itself sees to these: a whole answer is replayed, and usage shown, as the client asked. */
const ours: ReadonlySet<string> = new Set(["stream", "stream_options", "messages"]);

/** What a request asks for and a template that mentions `names` leaves out. */
export function lossesOf(request: UpstreamRequest, names: ReadonlySet<string>): readonly Loss[] {
  const losses = new Losses();
  for (const [param, value] of Object.entries(request.params)) {
    const isMentioned = names.has(param) || names.has(synonyms[param] ?? param);
    const asksNothing = ours.has(param) || (param === "n" && value === 1);
    if (!isMentioned && !asksNothing) losses.dropped(param, unmentioned, value);
  }
  if (!names.has("messages")) loseMessages(messagesOf(request.params), names, losses);
  return losses.all;
}

/** `$prompt` carries the text of every message, `$system` and `$last_user` that of some. */
function loseMessages(messages: readonly Fields[], names: ReadonlySet<string>, losses: Losses): void {
  const last = messages.findLast(({ role }) => role === "user");
  const isCarried = (message: Fields) =>
    names.has("prompt") ||
    (names.has("system") && isSystem(message)) ||
    (names.has("last_user") && message === last);
  const lost = messages.filter((message) => !isCarried(message)).length;
  if (lost > 0)
    losses.say(
      "messages",
      `${lost} of ${messages.length} messages dropped: the request template does not mention them`,
    );
  if (messages.some((message) => isCarried(message) && isMoreThanText(message)))
    losses.say(
      "messages",
      "messages[].content dropped where it is no text: the request template sends text only",
    );
}
