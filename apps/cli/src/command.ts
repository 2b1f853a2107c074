import { Command } from "commander";
import type { Cli } from "./cli.ts";

export interface JsonOption {
  json?: boolean;
}

/** A command that does something: has --json, and answers a wrong call with what is right. */
export function leaf(name: string, summary: string, details = ""): Command {
  return settings(new Command(name), summary, details).option(
    "-j, --json",
    "print the result as one JSON document",
  );
}

/** A command that only holds others, such as `podium dataset`. */
export function group(name: string, summary: string, commands: readonly Command[]): Command {
  const parent = settings(new Command(name), summary, "");
  for (const command of commands) parent.addCommand(command);
  return parent;
}

export function settings(command: Command, summary: string, details: string): Command {
  return command
    .summary(summary)
    .description(details === "" ? summary : `${summary}\n\n${details}`)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "podium: ")) })
    .configureHelp({ sortSubcommands: false, helpWidth: 110 })
    .showSuggestionAfterError(true)
    .exitOverride();
}

/** Prints the result: the value itself with --json, else what the callback makes of it for people. */
export function show<T>(cli: Cli, options: JsonOption, value: T, forPeople: (value: T) => string): void {
  if (options.json) cli.out.json(value);
  else cli.out.line(forPeople(value));
}

/** After a wrong call, names the help that says what is right. Call it once the whole program stands. */
export function nameHelp(command: Command, above = ""): void {
  const name = `${above}${command.name()}`;
  command.showHelpAfterError(`${usageOf(command, above)}\nMore: ${name} --help`);
  for (const child of command.commands) nameHelp(child, `${name} `);
}

function usageOf(command: Command, above: string): string {
  return `Usage: ${above}${command.name()} ${command.usage()}`;
}
