import { type SessionKind, sessionKindSchema } from "@podium/shared";
import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { hasEnded } from "../follow.ts";
import { nodesOf } from "../needs.ts";
import { type Column, table } from "../output.ts";
import { formatNumber, formatTime, parseCount } from "../quantities.ts";
import type { Session } from "../types.ts";
import { joinWords } from "../words.ts";

interface Options {
  number: number;
  all?: boolean;
  team?: string;
  kind?: SessionKind;
  json?: boolean;
}

const COLUMNS: Column<Session>[] = [
  { title: "NAME", value: (session) => session.name },
  { title: "KIND", value: (session) => session.kind },
  { title: "STATUS", value: statusOf },
  { title: "CREATED", value: (session) => formatTime(session.created_at) },
  { title: "NODE", value: nodesOf },
  // A scorer's arguments are what Podium tells the program that runs it: nobody gave them.
  { title: "ARGS", value: ({ kind, args }) => (kind === "score" ? "" : joinWords(args)) || "–" },
  { title: "SUMMARY", value: (session) => summaryOf(session) || "–" },
  { title: "MEMO", value: (session) => session.memo || "–" },
];

export function psCommand(cli: Cli): Command {
  return leaf("ps", "list sessions, newest first", "Shows those that have not ended; -a shows all.")
    .option("-a, --all", "also the ones that have ended")
    .option("-n, --number <number>", "at most so many", parseCount, 20)
    .option("--team <team>", "only this team's")
    .addOption(new Option("--kind <kind>", "only this kind").choices(sessionKindSchema.options))
    .action(async (options: Options) => {
      const sessions = await listSessions(cli, options);
      show(cli, options, sessions, (rows) =>
        table(rows, COLUMNS, options.all ? "No sessions." : "No sessions are under way; all: podium ps -a"),
      );
    });
}

async function listSessions(cli: Cli, { all, number, team, kind }: Options): Promise<Session[]> {
  const filter = { ...(team === undefined ? {} : { team }), ...(kind === undefined ? {} : { kind }) };
  const page = (query: { limit: number; after?: string }) =>
    ok(cli.api().GET("/api/v1/sessions", { params: { query: { ...filter, ...query } } }));
  if (all) return allPages(page, number);
  // Live ones are among the newest; a thousand back is far enough to look.
  return (await allPages(page, 1000)).filter((session) => !hasEnded(session)).slice(0, number);
}

const NOTICES = { "session.stalled": "stuck?", "session.idle_gpus": "GPUs idle" };

function statusOf({ failure, state, notice }: Session): string {
  if (failure) return failure.code;
  return notice ? `${state}, ${NOTICES[notice.kind]}` : state;
}

function summaryOf(session: Session): string {
  return Object.entries(session.summary)
    .map(([name, value]) => `${name}=${formatNumber(value)}`)
    .join(" ");
}
