import { dirname, join, normalize } from "node:path";
import type { Finding, Repository, Rule } from "../source.ts";

const TOP_FOLDERS = "apps|packages|sdk|examples|bench|tests|docs|deploy|scripts|\\.ci";
/** `code` that reads like a path of this repository. Patterns and placeholders are none. */
const REPOSITORY_PATH = new RegExp(`^(?:${TOP_FOLDERS})/[\\w./@-]+$`);
const LINK = /\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g;
const CODE = /`([^`\n]+)`/g;

/** A link or a path in the documentation that leads nowhere. */
export const deadPaths: Rule = {
  name: "dead-paths",
  check: (file, repository) => {
    if (!file.path.endsWith(".md")) return [];
    const findings: Finding[] = [];
    withoutFences(file.text).forEach((text, index) => {
      for (const [, target = ""] of text.matchAll(LINK)) {
        const path = linkedPath(target, file.path);
        if (path !== undefined && !repository.has(path)) findings.push(dead(file.path, index, target));
      }
      for (const [, code = ""] of text.matchAll(CODE)) {
        if (REPOSITORY_PATH.test(code) && !hasPath(code, repository))
          findings.push(dead(file.path, index, code));
      }
    });
    return findings;
  },
};

/** The path from the root that a relative link means; undefined for the web, mail and anchors of the page itself. */
function linkedPath(target: string, from: string): string | undefined {
  if (/^([a-z]+:|#)/.test(target)) return undefined;
  const [path = ""] = target.split("#");
  return normalize(path.startsWith("/") ? path.slice(1) : join(dirname(from), path));
}

function hasPath(code: string, repository: Repository): boolean {
  // A place in a file (`src/main.ts:12`) and a sentence's full stop are not part of the path.
  return repository.has(code.replace(/(:\d+)?\.?$/, "").replace(/\/$/, ""));
}

function dead(path: string, index: number, target: string): Finding {
  return { path, line: index + 1, message: `"${target}" leads nowhere` };
}

/** Lines, those of fenced code blocks emptied: they show commands and trees, often of the reader's machine. */
function withoutFences(text: string): string[] {
  let fenced = false;
  return text.split("\n").map((line) => {
    const fence = /^\s*(```|~~~)/.test(line);
    if (fence) fenced = !fenced;
    return fenced || fence ? "" : line;
  });
}
