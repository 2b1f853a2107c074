import { join } from "node:path";
import type { z } from "zod";
import { cliPath } from "../setup/paths.mjs";
import { type Finished, type ProcessOptions, runProcess } from "./run-process.ts";

export interface LogIn {
  name: string;
  email: string;
  password: string;
}

type Watch = Pick<ProcessOptions, "stdin" | "onOutLine" | "onErrLine">;

/** Someone at a terminal of their own: types `podium …` with their own log-in. */
export class Person {
  constructor(
    readonly logIn: LogIn,
    private readonly at: { configFolder: string; hubUrl: string; signal: AbortSignal },
  ) {}

  get name(): string {
    return this.logIn.name;
  }

  /** Where this person's CLI keeps the log-in. */
  get configPath(): string {
    return join(this.at.configFolder, `${this.name}.json`);
  }

  /** Runs the real CLI; answers whatever its exit code is. */
  podium(args: readonly string[], watch: Watch = {}): Promise<Finished> {
    const env = {
      PODIUM_CONFIG: this.configPath,
      PODIUM_URL: this.at.hubUrl,
      PODIUM_TOKEN: "",
      NO_COLOR: "1",
    };
    return runProcess([cliPath, ...args], { ...watch, env, signal: this.at.signal });
  }

  /** Runs a command that must succeed; answers its JSON, checked. Throws an Error with what the command said. */
  async ask<S extends z.ZodType>(
    schema: S,
    args: readonly string[],
    watch: Watch = {},
  ): Promise<z.output<S>> {
    const { json } = await this.attempt(schema, args, watch, [0]);
    return json;
  }

  /** As `ask`, for a command that may also end with another of these exit codes. */
  async attempt<S extends z.ZodType>(
    schema: S,
    args: readonly string[],
    watch: Watch,
    exitCodes: readonly number[],
  ) {
    const finished = await this.podium([...args, "--json"], watch);
    if (!exitCodes.includes(finished.exitCode)) {
      const said = finished.stderr.trim() || finished.stdout.trim() || `exit code ${finished.exitCode}`;
      throw new Error(`${this.name}: podium ${args.join(" ")}\n${said}`);
    }
    return { exitCode: finished.exitCode, json: schema.parse(JSON.parse(finished.stdout)) as z.output<S> };
  }

  signUp(): Promise<unknown> {
    return this.must(
      ["signup", "--email", this.logIn.email, "--name", this.name, "--password-stdin"],
      this.logIn.password,
    );
  }

  logInHere(): Promise<unknown> {
    return this.must(["login", "--email", this.logIn.email, "--password-stdin"], this.logIn.password);
  }

  private async must(args: readonly string[], stdin: string): Promise<void> {
    const { exitCode, stderr } = await this.podium(args, { stdin });
    if (exitCode !== 0) throw new Error(`${this.name}: podium ${args[0]}: ${stderr.trim()}`);
  }
}
