import { expect, test } from "bun:test";
import { renderToStaticMarkup } from "react-dom/server";
import MarkdownText from "./markdown-text.tsx";

const htmlOf = (text: string) => renderToStaticMarkup(<MarkdownText text={text} />);

test("Markdown is shown as such: tables, lists, links that say nothing of where they come from", () => {
  const html = htmlOf("# Rules\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n\n[here](https://example.org)\n");
  expect(html).toContain("<h3>Rules</h3>");
  expect(html).toContain("<td>1</td>");
  expect(html).toContain("<li>one</li>");
  expect(html).toContain(
    '<a href="https://example.org" rel="noopener noreferrer nofollow" target="_blank">here</a>',
  );
});

test("harmless HTML, of which older contests' pages are made, is shown", () => {
  expect(htmlOf("<h2>Data</h2><p>Two <b>files</b></p>")).toContain("<h4>Data</h4><p>Two <b>files</b></p>");
});

test.each([
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<a href='javascript:alert(1)'>x</a>",
  "[x](javascript:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "<iframe src='https://example.org'></iframe>",
  "<form action='https://example.org'><input name=password></form>",
  "<style>body{display:none}</style>",
  "<div style='position:fixed'>x</div>",
  "<svg onload=alert(1)><circle /></svg>",
  "<object data=x></object><embed src=x><link rel=stylesheet href=x><base href=x><meta http-equiv=refresh>",
  "<p onclick=alert(1)>x</p>",
  "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
])("%s does nothing", (text) => {
  const html = htmlOf(text);
  expect(html).not.toMatch(/<(script|iframe|form|style|svg|object|embed|link|base|meta|img|math)\b/i);
  expect(html).not.toMatch(/<[^>]+\s(on\w+|style)\s*=/i);
  expect(html).not.toMatch(/(href|src)="(javascript|data):/i);
});

test("an image of another server is not fetched: its address is shown", () => {
  expect(htmlOf("![a map](https://example.org/map.png)")).toContain(">a map</a>");
});
