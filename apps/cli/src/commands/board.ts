import type { paths } from "@podium/shared/generated/api";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { enteredTeam } from "../entered-team.ts";
import { CliError, EXIT } from "../errors.ts";
import { currentRound } from "../find-competition.ts";
import { untilInterrupted } from "../follow.ts";
import { ChangeStream } from "../live.ts";
import { type Column, table } from "../output.ts";
import { formatNumber, formatTime, parseCount } from "../quantities.ts";
import type { Leaderboard } from "../types.ts";

const LOOK_AGAIN_MS = 10_000;

interface Options {
  follow?: boolean;
  number: number;
  private?: boolean;
  public?: boolean;
  at?: string;
  around?: string;
  json?: boolean;
}

export function boardCommand(cli: Cli): Command {
  return leaf("board", "show a leaderboard")
    .argument("<competition>")
    .argument("[round]", "name of the round (default: the last one that has opened)")
    .option("-f, --follow", "show it again whenever it changes, until Ctrl-C or the round has closed")
    .option("-n, --number <number>", "so many places", parseCount, 50)
    .option("--private", "the final board, of private rows and the submissions that count")
    .option("--public", "the public board, also when the final one is shown")
    .option("--at <time>", "as it stood at this time: 2026-05-01T12:00:00+09:00")
    .option("--around <team>", "the places around a team; `me`: around yours")
    .action(async (name: string, given: string | undefined, options: Options) => {
      const round =
        given ??
        currentRound(await ok(cli.api().GET("/api/v1/competitions/{name}", { params: { path: { name } } })));
      const query = await queryOf(cli, name, options);
      if (options.follow) return follow(cli, name, round, options, query);
      show(cli, options, await fetchBoard(cli, name, round, query), describe);
    });
}

type Query = NonNullable<
  paths["/api/v1/competitions/{name}/rounds/{round}/leaderboard"]["get"]["parameters"]["query"]
>;

async function queryOf(cli: Cli, name: string, options: Options): Promise<Query> {
  if (options.private && options.public)
    throw new CliError("Ask for --private or --public, not both.", EXIT.usage);
  if (options.at !== undefined && Number.isNaN(Date.parse(options.at)))
    throw new CliError(`--at: "${options.at}" is no time. Say it as 2026-05-01T12:00:00+09:00.`, EXIT.usage);
  const around = options.around === "me" ? await enteredTeam(cli, name) : options.around;
  return {
    limit: Math.min(Math.max(options.number, 1), 200),
    ...(options.private ? { board: "private" as const } : {}),
    ...(options.public ? { board: "public" as const } : {}),
    ...(options.at === undefined ? {} : { at: new Date(options.at).toISOString() }),
    ...(around === undefined ? {} : { around }),
  };
}

function fetchBoard(cli: Cli, name: string, round: string, query: Query): Promise<Leaderboard> {
  const params = { path: { name, round }, query };
  return ok(cli.api().GET("/api/v1/competitions/{name}/rounds/{round}/leaderboard", { params }));
}

function follow(cli: Cli, name: string, round: string, options: Options, query: Query): Promise<void> {
  return untilInterrupted(async (signal) => {
    const stream = new ChangeStream(cli.api(), `/api/v1/competitions/${name}/stream`);
    signal.addEventListener("abort", () => stream.close(), { once: true });
    try {
      let shown = "";
      while (!signal.aborted) {
        const board = await fetchBoard(cli, name, round, query);
        const text = options.json ? JSON.stringify(board) : describe(board);
        if (text !== shown) redraw(cli, text);
        shown = text;
        if (board.state === "closed") return;
        await stream.next(LOOK_AGAIN_MS);
      }
    } finally {
      stream.close();
    }
  });
}

function redraw(cli: Cli, text: string): void {
  if (cli.out.live) cli.out.line(`\u001b[2J\u001b[H${text}`);
  else cli.out.line(text);
}

type Row = Leaderboard["rows"][number];

function describe(board: Leaderboard): string {
  const own = new Set(board.own.map((row) => row.entrant));
  const beyond = board.own.filter((row) => board.rows.every((other) => other.entrant !== row.entrant));
  const rows = table([...board.rows, ...beyond], columnsOf(board, own), emptyOf(board));
  return [headOf(board), ...noticesOf(board), rows].join("\n");
}

function columnsOf(board: Leaderboard, own: ReadonlySet<string>): Column<Row>[] {
  const decided = board.rows.some((row) => row.survives !== null);
  const intervals = board.rows.some((row) => row.interval !== null);
  return [
    { title: "RANK", value: (row) => row.rank, right: true },
    { title: "ENTRANT", value: (row) => (own.has(row.entrant) ? `${row.entrant} (you)` : row.entrant) },
    { title: board.metric.toUpperCase(), value: (row) => formatNumber(row.score), right: true },
    ...board.columns.map(({ key, title, precision }): Column<Row> => {
      const digits = (value: number) => (precision === null ? formatNumber(value) : value.toFixed(precision));
      const value = (row: Row) => (row.columns[key] === undefined ? "–" : digits(row.columns[key]));
      return { title: title.toUpperCase(), value, right: true };
    }),
    ...(intervals ? [{ title: "95 % RANKS", value: intervalOf, right: true }] : []),
    { title: "SUBMISSIONS", value: (row) => row.submissions, right: true },
    { title: "BEST AT", value: (row) => formatTime(row.best_at) },
    ...(decided ? [{ title: "SURVIVES", value: (row: Row) => (row.survives ? "yes" : "no") }] : []),
  ];
}

function intervalOf({ interval }: Row): string {
  if (interval === null) return "–";
  const chance = interval.chance === null ? "" : `, ${Math.round(interval.chance * 100)} % survive`;
  return `${interval.low}–${interval.high}${chance}`;
}

function headOf(board: Leaderboard): string {
  const better = board.order === "ascending" ? "lower is better" : "higher is better";
  const which = board.board === "private" ? "final board, " : "";
  return `${board.competition}, ${board.round} (${which}${board.state}; ${better}; ${board.entrants} entrants)`;
}

function noticesOf(board: Leaderboard): string[] {
  const notices = [];
  if (board.frozen_at && board.board === "public")
    notices.push(
      `Frozen since ${formatTime(board.frozen_at)}: it is shown as it stood then until it is revealed.`,
    );
  else if (board.at) notices.push(`As it stood at ${formatTime(board.at)}.`);
  if (board.revealed_rank !== null && board.board === "private")
    notices.push(`Revealed from rank ${board.revealed_rank} down; the places above follow.`);
  return notices;
}

function emptyOf({ revealed_rank }: Leaderboard): string {
  return revealed_rank === null ? "Nobody has a score yet." : "Nothing is revealed yet.";
}
