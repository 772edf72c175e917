import { useState } from "preact/hooks";
import { Problem } from "./parts/panel.tsx";

/** Asks for the key of an administrator. */
export function Login({
  problem,
  onKey,
}: {
  readonly problem: string | null;
  readonly onKey: (key: string) => void;
}) {
  const [key, setKey] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    if (key.trim() !== "") onKey(key.trim());
  };
  return (
    <main class="login">
      <h1>Switchyard</h1>
      <form onSubmit={submit}>
        {/* Password managers keep keys under a name. */}
        <input hidden type="text" autocomplete="username" value="admin" readOnly />
        <label for="key">Admin key</label>
        <input
          id="key"
          type="password"
          autocomplete="current-password"
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
        <button type="submit">Sign in</button>
      </form>
      <Problem text={problem} />
    </main>
  );
}
