import { useEffect, useState } from "react";

const SHOWN_MS = 2_000;

/** Copies a text; says so, or selects it for copying by hand where the browser forbids it. */
function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      setSaid("Select the text and press Ctrl+C"); // no clipboard outside https and localhost
    }
  };
  return (
    <button type="button" className="button small" onClick={() => void copy()} aria-live="polite">
      {said ?? label}
    </button>
  );
}

/** A command or a text to copy as it stands. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <figure className="code-block">
      <figcaption>
        <span>{label}</span>
        <CopyButton text={code} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, so the keyboard must reach them */}
      <pre tabIndex={0}>{code}</pre>
    </figure>
  );
}
