import { type createStreamSchema, DomainError, type Id } from "@podium/shared";
import type { z } from "zod";
import { type Context, requireUser } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { membersOf } from "../gangs/store.ts";
import { ownSession } from "../show.ts";
import type { SessionRow } from "../store.ts";
import { insertStream } from "./store.ts";

const [COLS, ROWS] = [80, 24];

/**
 * Opens a shell in a running session of the actor's team, or has code evaluated in it. What sees hidden inputs is open
 * to nobody. The caller connects to it within a minute.
 * @throws DomainError `not_found`, `forbidden`, `conflict` when it does not run
 */
export async function openStream(
  ctx: Context,
  tx: Tx,
  sessionId: string,
  input: z.output<typeof createStreamSchema>,
): Promise<Id<"stream">> {
  const { userId } = requireUser(ctx);
  const session = await ownSession(ctx, sessionId);
  if (session.hidden)
    throw new DomainError(
      "forbidden",
      "This session sees what is hidden from participants: nobody may enter it.",
    );
  if (session.state !== "running" || !session.attemptId)
    throw new DomainError("conflict", `This session is ${session.state}; only one that runs can be entered.`);
  if (input.kind === "exec" && session.kind !== "train")
    throw new DomainError("conflict", "Code is evaluated in training sessions only; use a shell.");
  const attemptId = await memberEntered(tx, session, input.rank ?? 0);
  const id = ctx.ids.next("stream");
  const { kind, code = null, cols = COLS, rows = ROWS } = input;
  await insertStream(tx, {
    id,
    sessionId: session.id,
    attemptId,
    userId,
    kind,
    code,
    cols,
    rows,
    createdAt: ctx.clock.now(),
  });
  ctx.log.info({ stream: id, session: session.id, user: userId, kind }, "somebody enters a session");
  return id;
}

/** The attempt of a member that runs: one of a gang may have ended while the others go on. */
async function memberEntered(tx: Tx, session: SessionRow, rank: number): Promise<string> {
  if (rank >= session.nodes)
    throw new DomainError(
      "invalid_request",
      session.nodes === 1
        ? "This session has no other members: leave the rank out."
        : `Its members are 0 to ${session.nodes - 1}: there is no member ${rank}.`,
    );
  const member = (await membersOf(tx, session)).find((each) => each.rank === rank);
  if (member?.state !== "running")
    throw new DomainError("conflict", `Member ${rank} of this session does not run any more.`);
  return member.id;
}
