import type { Cli } from "./cli.ts";
import type { JsonOption } from "./command.ts";
import { EXIT } from "./errors.ts";
import { exitCodeOf, followSession, untilInterrupted } from "./follow.ts";
import { printable } from "./output.ts";
import type { Session } from "./types.ts";

/**
 * Shows a session's log lines until it has ended, then how it ended. Answers the exit code.
 * With --json the log goes to stderr and the session, once ended, to stdout.
 */
export async function watchSession(cli: Cli, session: Session, options: JsonOption): Promise<number> {
  return untilInterrupted((signal) => watch(cli, session, options, signal));
}

/** As `watchSession`, until the signal says that somebody is leaving. */
export async function watch(
  cli: Cli,
  session: Session,
  options: JsonOption,
  signal: AbortSignal,
): Promise<number> {
  const { out } = cli;
  const print = options.json ? out.note : out.line;
  const events = {
    onLine: (text: string) => print(printable(text)),
    onState: (now: Session) => out.note(out.paint("dim", describeState(now))),
    onAway: (error: Error) =>
      out.note(out.paint("dim", `${error.message} Waiting for it; the session goes on.`)),
  };
  const ended = await followSession(cli, session, events, signal);
  if (ended === null) {
    out.note(
      `Left. ${session.name} goes on; see it: podium logs -f ${session.name} – stop it: podium stop ${session.name}`,
    );
    return EXIT.interrupted;
  }
  if (options.json) out.json(ended);
  else out.note(describeEnd(cli, ended));
  return exitCodeOf(ended);
}

/** Ends this process with the code once its output is written. */
export function finishWith(exitCode: number): void {
  process.exitCode = exitCode;
}

function describeState(session: Session): string {
  const { state, node, name } = session;
  if (state === "queued") return `queued (why it waits: podium why ${name})`;
  if (state === "paused") return `paused: ${session.stop_reason ?? "asked"} (go on: podium resume ${name})`;
  if (state === "retrying") return `it failed and is tried again at ${session.retry_at}`;
  if (state === "stopping") {
    const next = { queued: "then it goes on elsewhere", paused: "then it is paused", end: "then it ends" };
    const seconds = session.grace_ms / 1000;
    return `stopping (${session.stop_reason ?? "asked"}): it has ${seconds} s to save, ${next[session.after_stop ?? "end"]}`;
  }
  const nodes = session.members.length > 1 ? session.members.map((member) => member.node).join(", ") : node;
  return nodes === null ? state : `${state} on ${nodes}`;
}

/** How a session ended and, when it failed, what to do about it. */
function describeEnd(cli: Cli, { name, state, failure }: Session): string {
  if (state === "succeeded")
    return cli.out.paint("green", `${name} succeeded. Its checkpoints: podium models ${name}`);
  const where = failure?.location ? ` at ${failure.location}` : "";
  const why = failure ? `: ${failure.message}${where} (${failure.code})` : ".";
  const hint = failure?.hint ? `\n${failure.hint}` : "";
  return cli.out.paint(state === "failed" ? "red" : "yellow", printable(`${name} ${state}${why}${hint}`));
}
