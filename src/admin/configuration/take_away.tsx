import { useState } from "preact/hooks";
import { shortName, type TextFile } from "./texts.ts";

/** The edited files, to be committed by hand. */
export function TakeAway({ files }: { readonly files: readonly TextFile[] }) {
  const [told, tell] = useState("");
  const copy = async ({ name, text }: TextFile): Promise<void> => {
    const isDone = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    tell(
      isDone === true
        ? `${shortName(name)} is copied.`
        : "The browser lets nothing be copied here: download it.",
    );
  };
  return (
    <details class="take">
      <summary>Take the edited files away</summary>
      {files.map((file) => (
        <p key={file.name} class="row">
          <code>{shortName(file.name)}</code>
          <button type="button" class="small" onClick={() => download(file)}>
            Download
          </button>
          <button type="button" class="small" onClick={() => void copy(file)}>
            Copy
          </button>
        </p>
      ))}
      <p class="soft" role="status">
        {told}
      </p>
    </details>
  );
}

function download({ name, text }: TextFile): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replace(/^.*[\\/]/, "");
  link.click();
  URL.revokeObjectURL(url);
}
