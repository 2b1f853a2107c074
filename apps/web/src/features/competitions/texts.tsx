import { MarkdownOf } from "../../ui/markdown.tsx";
import { Section } from "../../ui/page.tsx";
import { useTexts } from "./queries.ts";

/** The organizer's pages and the terms, each folded until one reads it. */
export function Texts({ name }: { name: string }) {
  const { data } = useTexts(name);
  if (!data || (data.pages.length === 0 && data.terms === null)) return null;
  return (
    <Section title="Pages">
      {data.pages.map((page) => (
        <details key={page.name} id={`page-${page.name}`} className="text-page">
          <summary>{page.title}</summary>
          <MarkdownOf text={page.content} />
        </details>
      ))}
      {data.terms && (
        <details id="terms" className="text-page">
          <summary>Terms</summary>
          <MarkdownOf text={data.terms.content} />
          <p className="quiet">
            SHA-256 <code className="hash">{data.terms.sha256}</code>
          </p>
        </details>
      )}
    </Section>
  );
}
