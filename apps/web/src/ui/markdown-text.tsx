import type { ComponentProps } from "react";
import Markdown, { type Components } from "react-markdown";
import rehypeRaw from "rehype-raw";
import rehypeSanitize from "rehype-sanitize";
import remarkGfm from "remark-gfm";

/** Titles begin below those of the page. An image of another server would tell it who reads: its address is shown. */
const PARTS: Components = {
  h1: ({ node: _, ...props }) => <h3 {...props} />,
  h2: ({ node: _, ...props }) => <h4 {...props} />,
  h3: ({ node: _, ...props }) => <h5 {...props} />,
  a: ({ node: _, ...props }) => <Away {...props} />,
  img: ({ src, alt }) => (typeof src === "string" ? <Away href={src}>{alt || src}</Away> : null),
};

function Away({ href, children }: ComponentProps<"a">) {
  return (
    <a href={href} rel="noopener noreferrer nofollow" target="_blank">
      {children}
    </a>
  );
}

/** Text of others in Markdown, with the harmless part of what HTML is in it: nothing in it runs, loads or submits. */
export default function MarkdownText({ text }: { text: string }) {
  return (
    <div className="prose markdown">
      <Markdown remarkPlugins={[remarkGfm]} rehypePlugins={[rehypeRaw, rehypeSanitize]} components={PARTS}>
        {text}
      </Markdown>
    </div>
  );
}
