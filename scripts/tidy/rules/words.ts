import type { Finding, Rule, SourceFile } from "../source.ts";

interface Forbidden {
  name: string;
  pattern: RegExp;
  message: string;
}

// Put together from parts, so that this file does not find itself.
const word = (...parts: string[]) => parts.join("");
const NOTES = [word("TO", "DO"), word("FIX", "ME"), word("X", "XX")].join("|");
const REGISTRIES = [
  word("registry.npm", "js.org"),
  word("npm", "js.com"),
  word("registry.yarn", "pkg.com"),
  word("pypi", ".org"),
  word("files.python", "hosted.org"),
];
const HOSTS = REGISTRIES.join("|").replaceAll(".", "\\.");
/** The folder that one developer's machine happens to use. */
const PRIVATE_FOLDER = word("/wo", "rk/");

const FORBIDDEN: Forbidden[] = [
  {
    name: "notes",
    pattern: new RegExp(`\\b(${NOTES})\\b`, "g"),
    message: "a note to oneself: do it, or open an issue and name it",
  },
  {
    name: "registry-hosts",
    pattern: new RegExp(HOSTS, "g"),
    message: "the registry is the reader's own setting: name no registry host",
  },
  {
    name: "private-paths",
    pattern: new RegExp(`(?<![\\w.$}/-])${PRIVATE_FOLDER}(main|shared)\\b`, "g"),
    message: "a path of one machine",
  },
];

/** Text that must not be committed. */
export const words: Rule[] = FORBIDDEN.map(({ name, pattern, message }) => ({
  name,
  check: (file) => (/\.svg$/.test(file.path) ? [] : find(file, pattern, message)),
}));

function find(file: SourceFile, pattern: RegExp, message: string): Finding[] {
  const lines = file.text.split("\n");
  return lines.flatMap((text, index) => {
    const matches = [...text.matchAll(pattern)];
    return matches.map(([found]) => ({
      path: file.path,
      line: index + 1,
      message: `"${found}": ${message}`,
    }));
  });
}
