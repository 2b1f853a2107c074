import { type BoardName, DomainError, type LeaderboardRow } from "@podium/shared";
import type { CompetitionRow, RoundRow } from "../competitions/index.ts";
import { type Context, mayUseTeam, requireUser, visibleTeams } from "../platform/context.ts";
import type { Boards, Source } from "./boards.ts";
import type { OrderedBoard, Place } from "./ordered-board.ts";
import { heading, showPlace } from "./show-board.ts";
import { type BoardHead, boardHead, takesPart } from "./store.ts";
import { refusalOf, type View, viewOf } from "./view.ts";

export interface BoardQuery {
  limit: number;
  /** the `next` of the page before */
  after?: string | undefined;
  board?: BoardName | undefined;
  /** as it stood at this time */
  at?: Date | undefined;
  /** the page that this team is on, in its middle */
  around?: string | undefined;
}

/**
 * A round's boards and how the viewer is shown them; `refusal` says why it is not.
 * @throws DomainError `not_found`, `forbidden` for a final board that is not revealed
 */
export async function openBoard(
  ctx: Context,
  name: string,
  roundName: string,
  wish: Pick<BoardQuery, "board" | "at">,
  boards?: Boards,
) {
  requireUser(ctx);
  const head = await (boards ? boards.head(ctx.db, name, roundName) : boardHead(ctx.db, name, roundName));
  if (!head)
    throw new DomainError("not_found", `There is no round "${roundName}" of a competition called "${name}".`);
  const { competition, round } = head;
  const organizes = mayUseTeam(ctx, competition.teamId);
  const to = competition.definition.leaderboard.visible_to;
  const enters =
    !organizes && to === "entrants" && (await takesPart(ctx.db, competition.id, visibleTeams(ctx) ?? []));
  const refusal = refusalOf(to, organizes, enters);
  const view = viewOf(round, organizes, ctx.clock.now(), wish);
  return { ...head, organizes, refusal, view, source: sourceOf(head) };
}

export function sourceOf({ competition, round, version, resetAt }: BoardHead): Source {
  return {
    competitionId: competition.id,
    roundId: round.id,
    definition: competition.definition,
    round: round.definition,
    version,
    resetAt,
  };
}

/** The board that a view is of. */
export function boardOf(ctx: Context, boards: Boards, source: Source, view: View): Promise<OrderedBoard> {
  return view.at ? boards.at(ctx, source, view.board, view.at) : boards.live(ctx, source, view.board);
}

/** A page of a round's board, as the viewer may see it. @throws DomainError `not_found`, `forbidden`, `invalid_request` */
export async function readBoard(
  ctx: Context,
  boards: Boards,
  name: string,
  roundName: string,
  query: BoardQuery,
) {
  const { competition, round, refusal, view, source } = await openBoard(ctx, name, roundName, query, boards);
  if (refusal) throw refusal;
  const board = await boardOf(ctx, boards, source, view);
  const hiddenRows = hiddenOf(board, view);
  const first = Math.max(hiddenRows, firstOf(board, query));
  const shown = showPage(board, { competition, round, view, now: ctx.clock.now() }, first, query.limit);
  const keys = shown.columns.map(({ key }) => key);
  return { ...shown, own: ownPlaces(ctx, board, hiddenRows).map((place) => showPlace(place, keys, view)) };
}

/** Rows of the top that are not revealed yet. */
export const hiddenOf = (board: OrderedBoard, { fromRank }: View) =>
  fromRank === null ? 0 : board.placeOfRank(fromRank);

/** A page of a board from a place on, as everybody with this view sees it. */
export function showPage(
  board: OrderedBoard,
  of: { competition: CompetitionRow; round: RoundRow; view: View; now: Date },
  first: number,
  limit: number,
) {
  const head = heading(of.competition, of.round, of.now, of.view);
  const keys = head.columns.map(({ key }) => key);
  const rows = board.slice(first, first + limit);
  const end = first + rows.length;
  return {
    ...head,
    entrants: board.size,
    at: of.view.at?.toISOString() ?? null,
    rows: rows.map((place) => showPlace(place, keys, of.view)),
    own: [] as LeaderboardRow[],
    next: end < board.size ? `${end}.${rows.at(-1)?.row.bestSubmissionId ?? ""}` : null,
  };
}

/** Rows of the viewer's teams; an administrator's own, too. */
function ownPlaces(ctx: Context, board: OrderedBoard, hiddenRows: number): Place[] {
  if (ctx.actor.kind !== "user") return [];
  return ctx.actor.teams.flatMap(({ slug }) => {
    const place = board.placeOfTeam(slug) < hiddenRows ? null : board.ofTeam(slug);
    return place ? [place] : [];
  });
}

function firstOf(board: OrderedBoard, { after, around, limit }: BoardQuery): number {
  if (around !== undefined) {
    const place = board.placeOfTeam(around);
    if (place < 0) throw new DomainError("not_found", `Team "${around}" is not on this board.`);
    return Math.max(0, place - Math.floor(limit / 2));
  }
  return after === undefined ? 0 : placeAfter(board, after);
}

/**
 * Where the page before ended: behind its last row wherever that is now, as long as the same submission shows it;
 * else behind as many rows as had been shown.
 */
function placeAfter(board: OrderedBoard, after: string): number {
  const [, count = "", submission = ""] = /^(\d{1,9})(?:\.(sub_[0-9a-f]{32}))?$/.exec(after) ?? [];
  if (count === "") throw new DomainError("invalid_request", "after: must be the `next` of the page before.");
  const place = submission === "" ? -1 : board.placeOfSubmission(submission, Number(count) - 1);
  return place < 0 ? Number(count) : place + 1;
}
