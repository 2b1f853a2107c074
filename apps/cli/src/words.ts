import { InvalidArgumentError } from "commander";

/**
 * Splits `--lr 0.1 --name "two words"` into arguments as a shell would, without running anything: quotes group,
 * a backslash takes the next character literally (inside double quotes only before `"`, `\`, `$` and a backtick).
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  const piece = /\s+|'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([\s\S])|([^\s'"\\]+)|([\s\S])/g;
  let word: string | null = null;
  for (const [, single, double, escaped, plain, stray] of text.matchAll(piece)) {
    if (stray !== undefined)
      throw new InvalidArgumentError(`A ${stray === "\\" ? "backslash" : "quote"} is left open.`);
    const part = single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain;
    if (part === undefined) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    word = (word ?? "") + part;
  }
  if (word !== null) words.push(word);
  return words;
}

/** The inverse of `splitWords`, for showing a command line. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}
