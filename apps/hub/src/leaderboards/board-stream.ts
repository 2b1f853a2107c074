import type { PodiumEvent } from "@podium/shared";
import { asSystem, type Context } from "../platform/context.ts";
import type { Live } from "../platform/live.ts";
import type { Boards } from "./boards.ts";
import { boardOf, hiddenOf, showPage, sourceOf } from "./read.ts";
import { viewOf } from "./view.ts";

/** A change is told at once, and those within this time after it together: a board that moves a thousand times a second is sent five times. */
const FOLD_MS = 200;
const KEEP_ALIVE_MS = 15_000;
const PAGE = 50;

/** All who see the same of a round's board. */
interface Audience {
  name: string;
  round: string;
  roundId: string;
  organizes: boolean;
  viewers: Set<Viewer>;
  /** the newest message, and how many there have been */
  latest: Uint8Array | null;
  sequence: number;
}

interface Viewer {
  controller: ReadableStreamDefaultController<Uint8Array>;
  seen: number;
}

/**
 * Sends a board's first page to everybody who watches it. Whoever sees the same gets the same bytes: per change there
 * is one read and one serialisation, however many watch, and nobody needs to fetch anything.
 */
export class BoardStream {
  readonly #audiences = new Map<string, Audience>();
  readonly #changed = new Set<Audience>();
  readonly #encoder = new TextEncoder();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(
    private readonly boards: Boards,
    private readonly live: Live,
  ) {}

  /** A stream of a round's board, for who may see it. */
  watch(
    ctx: Context,
    of: { name: string; round: string; roundId: string; organizes: boolean },
    signal: AbortSignal,
  ): Response {
    const audience = this.#audienceOf(of);
    let viewer: Viewer | undefined;
    const leave = () => {
      signal.removeEventListener("abort", leave);
      if (!viewer) return;
      this.#leave(audience, viewer);
      try {
        viewer.controller.close();
      } catch {
        // the viewer had closed it already
      }
      viewer = undefined;
    };
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        if (signal.aborted) return controller.close();
        signal.addEventListener("abort", leave);
        viewer = { controller, seen: audience.latest === null ? 0 : audience.sequence - 1 };
        this.#join(ctx, audience, viewer);
        controller.enqueue(this.#encoder.encode("event: open\ndata: {}\n\n"));
      },
      // Who lags gets the newest page when it has read what was before, and nothing in between.
      pull: () => {
        if (viewer) this.#send(audience, viewer);
      },
      cancel: leave,
    });
    return new Response(body, {
      headers: {
        "content-type": "text/event-stream",
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
      },
    });
  }

  #audienceOf(of: { name: string; round: string; roundId: string; organizes: boolean }): Audience {
    const key = `${of.roundId} ${of.organizes}`;
    let audience = this.#audiences.get(key);
    if (!audience) {
      audience = { ...of, viewers: new Set(), latest: null, sequence: 0 };
      this.#audiences.set(key, audience);
    }
    return audience;
  }

  #join(ctx: Context, audience: Audience, viewer: Viewer): void {
    audience.viewers.add(viewer);
    const system = asSystem(ctx);
    this.#unsubscribe ??= this.live.subscribe((event) => this.#hear(system, event));
    this.#keepAlive ??= setInterval(() => this.#breathe(), KEEP_ALIVE_MS);
    // Who comes while the first page is read gets it with the first.
    if (audience.viewers.size === 1) this.#mark(system, audience);
  }

  #leave(audience: Audience, viewer: Viewer): void {
    audience.viewers.delete(viewer);
    if (audience.viewers.size > 0) return;
    this.#audiences.delete(`${audience.roundId} ${audience.organizes}`);
    this.#changed.delete(audience);
    if (this.#audiences.size > 0) return;
    this.#unsubscribe?.();
    clearInterval(this.#keepAlive);
    clearTimeout(this.#timer);
    this.#unsubscribe = this.#keepAlive = this.#timer = undefined;
  }

  #hear(ctx: Context, event: PodiumEvent): void {
    if (event.type !== "leaderboard.changed" && !event.type.startsWith("round.")) return;
    if (!("round_id" in event)) return;
    for (const audience of this.#audiences.values())
      if (audience.roundId === event.round_id) this.#mark(ctx, audience);
  }

  #mark(ctx: Context, audience: Audience): void {
    this.#changed.add(audience);
    if (this.#timer === undefined) this.#flush(ctx);
  }

  #flush(ctx: Context): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const each of changed)
      this.#tell(ctx, each).catch((error: unknown) =>
        ctx.log.error({ err: error, round: each.roundId }, "a board could not be sent to who watches it"),
      );
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#changed.size > 0) this.#flush(ctx);
    }, FOLD_MS);
  }

  async #tell(ctx: Context, audience: Audience): Promise<void> {
    const head = await this.boards.head(ctx.db, audience.name, audience.round);
    if (!head) return;
    const { competition, round } = head;
    const now = ctx.clock.now();
    const view = viewOf(round, audience.organizes, now, {});
    const board = await boardOf(ctx, this.boards, sourceOf(head), view);
    const page = showPage(board, { competition, round, view, now }, hiddenOf(board, view), PAGE);
    audience.latest = this.#encoder.encode(`event: board\ndata: ${JSON.stringify(page)}\n\n`);
    audience.sequence += 1;
    for (const viewer of audience.viewers) this.#send(audience, viewer);
  }

  #send(audience: Audience, viewer: Viewer): void {
    if (audience.latest === null || viewer.seen >= audience.sequence) return;
    if ((viewer.controller.desiredSize ?? 0) <= 0) return;
    viewer.seen = audience.sequence;
    viewer.controller.enqueue(audience.latest);
  }

  #breathe(): void {
    const comment = this.#encoder.encode(": still here\n\n");
    for (const { viewers } of this.#audiences.values())
      for (const { controller } of viewers)
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(comment);
  }
}
