// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-_])/g;

/** A log line as a terminal would leave it: no colour codes, and of a progress bar only its last drawing. */
export function plainLine(text: string): string {
  const bare = text.replace(ESCAPES, "").replace(/[\r\n]+$/, "");
  return bare.slice(bare.lastIndexOf("\r") + 1);
}
