import { lazy, Suspense } from "react";

// What reads Markdown comes only with the pages that have some.
const Loaded = lazy(() => import("./markdown-text.tsx"));

/** Markdown of others, made safe; as plain text until what reads it is there. */
export function MarkdownOf({ text }: { text: string }) {
  return (
    <Suspense fallback={<p className="prose plain-text">{text}</p>}>
      <Loaded text={text} />
    </Suspense>
  );
}
