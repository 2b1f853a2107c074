import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { currentRound } from "../find-competition.ts";
import { untilInterrupted } from "../follow.ts";
import { ChangeStream } from "../live.ts";
import { table } from "../output.ts";
import { formatNumber, formatTime, parseCount } from "../quantities.ts";
import type { Leaderboard } from "../types.ts";

const LOOK_AGAIN_MS = 10_000;

interface Options {
  follow?: boolean;
  number: number;
  json?: boolean;
}

export function boardCommand(cli: Cli): Command {
  return leaf("board", "show a leaderboard")
    .argument("<competition>")
    .argument("[round]", "name of the round (default: the last one that has opened)")
    .option("-f, --follow", "show it again whenever it changes, until Ctrl-C or the round has closed")
    .option("-n, --number <number>", "so many places", parseCount, 50)
    .action(async (name: string, given: string | undefined, options: Options) => {
      const round =
        given ??
        currentRound(await ok(cli.api().GET("/api/v1/competitions/{name}", { params: { path: { name } } })));
      if (options.follow) return follow(cli, name, round, options);
      show(cli, options, await fetchBoard(cli, name, round, options.number), describe);
    });
}

function fetchBoard(cli: Cli, name: string, round: string, limit: number): Promise<Leaderboard> {
  const params = { path: { name, round }, query: { limit: Math.min(Math.max(limit, 1), 200) } };
  return ok(cli.api().GET("/api/v1/competitions/{name}/rounds/{round}/leaderboard", { params }));
}

function follow(cli: Cli, name: string, round: string, options: Options): Promise<void> {
  return untilInterrupted(async (signal) => {
    const stream = new ChangeStream(cli.api(), `/api/v1/competitions/${name}/stream`);
    signal.addEventListener("abort", () => stream.close(), { once: true });
    try {
      let shown = "";
      while (!signal.aborted) {
        const board = await fetchBoard(cli, name, round, options.number);
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

function describe(board: Leaderboard): string {
  const closed = board.state === "closed";
  const rows = table(
    board.rows,
    [
      { title: "RANK", value: (row) => row.rank, right: true },
      { title: "ENTRANT", value: (row) => row.entrant },
      { title: board.metric.toUpperCase(), value: (row) => formatNumber(row.score), right: true },
      { title: "SUBMISSIONS", value: (row) => row.submissions, right: true },
      { title: "BEST AT", value: (row) => formatTime(row.best_at) },
      ...(closed
        ? [{ title: "SURVIVES", value: (row: Leaderboard["rows"][number]) => (row.survives ? "yes" : "no") }]
        : []),
    ],
    "Nobody has a score yet.",
  );
  const better = board.order === "ascending" ? "lower is better" : "higher is better";
  return `${board.competition}, ${board.round} (${board.state}; ${better})\n${rows}`;
}
