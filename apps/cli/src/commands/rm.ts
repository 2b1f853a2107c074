import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { type JsonOption, leaf } from "../command.ts";
import { CliError } from "../errors.ts";
import { hasEnded } from "../follow.ts";
import { matches } from "../glob.ts";
import { ask } from "../prompt.ts";
import { counted } from "../quantities.ts";
import { findSession } from "../session-ref.ts";
import type { Session } from "../types.ts";

interface Options extends JsonOption {
  force?: boolean;
}

export function rmCommand(cli: Cli): Command {
  return leaf(
    "rm",
    "remove sessions that have ended, with logs, metrics and checkpoints",
    "What was submitted stays. Several are named with * and ?, in quotes: podium rm 'ann/films/*'",
  )
    .argument("<session...>", "owner/dataset/N or id; * and ? stand for any name or letter")
    .option("-f, --force", "don't ask")
    .action(async (references: string[], options: Options) => {
      const found = await Promise.all(references.map((reference) => sessionsNamed(cli, reference)));
      const sessions = [...new Map(found.flat().map((session) => [session.id, session])).values()];
      if (sessions.length === 0) throw new CliError("No session that has ended is named so.");
      if (!options.force) refuseLive(sessions);
      if (!options.force && !(await agreed(cli, sessions))) return;
      await removeAll(cli, sessions, options);
    });
}

/** A pattern names only what has ended: the rest is passed over. A name means that session, whatever it is. */
async function sessionsNamed(cli: Cli, reference: string): Promise<Session[]> {
  if (!/[*?]/.test(reference)) return [await findSession(cli, reference)];
  const all = await allPages((query) => ok(cli.api().GET("/api/v1/sessions", { params: { query } })));
  return all.filter((session) => hasEnded(session) && matches(reference, session.name));
}

/** Nobody is asked whether to remove what can't be removed. */
function refuseLive(sessions: readonly Session[]): void {
  const live = sessions.filter((session) => !hasEnded(session));
  if (live.length === 0) return;
  const which = live.map(({ name, state }) => `${name} is ${state}`).join(", ");
  throw new CliError(`${which}: stop first what is to be removed (podium stop ${live[0]?.name}).`);
}

async function agreed(cli: Cli, sessions: readonly Session[]): Promise<boolean> {
  for (const { name, state } of sessions) cli.out.note(`${name} (${state})`);
  const answer = await ask(`Remove ${counted(sessions.length, "session")} for good? [y/N]`, "--force");
  return /^y(es)?$/i.test(answer);
}

async function removeAll(cli: Cli, sessions: readonly Session[], options: Options): Promise<void> {
  const removed: string[] = [];
  const kept: string[] = [];
  for (const { id, name } of sessions) {
    try {
      await ok(cli.api().DELETE("/api/v1/sessions/{id}", { params: { path: { id } } }));
      removed.push(name);
    } catch (error) {
      if (!(error instanceof CliError) || error.code === undefined) throw error;
      kept.push(error.message);
    }
  }
  if (options.json) cli.out.json({ removed, kept });
  else if (removed.length > 0) cli.out.line(`Removed ${removed.join(", ")}.`);
  if (kept.length > 0) throw new CliError(kept.join("\n"));
}
