import { createInterface } from "node:readline/promises";
import { CliError, EXIT } from "./errors.ts";

/** Asks on the terminal; throws a `CliError` that names the option to give when there is no terminal. */
export async function ask(question: string, option: string): Promise<string> {
  requireTerminal(option);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(`${question}: `)).trim();
  } finally {
    lines.close();
  }
}

/** The password: from stdin with --password-stdin, else typed unseen. */
export async function askPassword(fromStdin: boolean): Promise<string> {
  if (fromStdin) return (await Bun.stdin.text()).replace(/\r?\n$/, "");
  requireTerminal("--password-stdin");
  process.stderr.write("Password: ");
  try {
    return await readHidden();
  } finally {
    process.stderr.write("\n");
  }
}

function readHidden(): Promise<string> {
  const { stdin } = process;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed = "";
  const onData = (data: Buffer) => {
    for (const character of data.toString("utf8")) {
      if (character === "\r" || character === "\n") return resolve(typed);
      if (character === "\u0003") return reject(new CliError("Interrupted.", EXIT.interrupted));
      typed = character === "\u007f" || character === "\b" ? typed.slice(0, -1) : typed + character;
    }
  };
  stdin.setRawMode(true);
  stdin.on("data", onData);
  stdin.resume();
  return promise.finally(() => {
    stdin.off("data", onData);
    stdin.setRawMode(false);
    stdin.pause();
  });
}

function requireTerminal(option: string): void {
  if (process.stdin.isTTY !== true)
    throw new CliError(`There is no terminal to ask on: give ${option}.`, EXIT.usage);
}
