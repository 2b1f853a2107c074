import { z } from "zod";
import { idSchema } from "./ids.ts";

const session = { session_id: idSchema("session"), team_id: idSchema("team") };
/** Troubles that are told once when they have lasted, and once when they are over. */
export const alertKindSchema = z.enum(["session.stalled", "session.idle_gpus", "credits.low", "node.leak"]);
export type AlertKind = z.infer<typeof alertKindSchema>;

/** Listeners know nothing of one another, so this one says all that there is to say. */
const alert = {
  alert_id: idSchema("alert"),
  alert: alertKindSchema,
  /** null: for the administrators */
  team_id: idSchema("team").nullable(),
  text: z.string().max(1000),
};
const round = { competition_id: idSchema("competition"), round_id: idSchema("round") };
const submission = {
  submission_id: idSchema("submission"),
  competition_id: idSchema("competition"),
  round_id: idSchema("round"),
  entrant_id: idSchema("entrant"),
  team_id: idSchema("team"),
};

/**
 * What happens in Podium, as the outbox carries it. An event names rows; a consumer reads the rows, so that a
 * late or repeated event finds the truth and does nothing twice.
 */
export const eventSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("session.queued"), ...session }),
  z.object({
    type: z.literal("session.placed"),
    ...session,
    node_id: idSchema("node"),
    attempt_id: idSchema("attempt"),
  }),
  z.object({ type: z.literal("session.changed"), ...session }),
  z.object({ type: z.literal("session.stopping"), ...session, node_id: idSchema("node").nullable() }),
  z.object({ type: z.literal("session.ended"), ...session, node_id: idSchema("node").nullable() }),
  z.object({ type: z.literal("session.stream"), ...session, node_id: idSchema("node") }),
  z.object({ type: z.literal("session.recorded"), ...session }),
  z.object({ type: z.literal("node.changed"), node_id: idSchema("node") }),
  z.object({ type: z.literal("competition.changed"), competition_id: idSchema("competition") }),
  z.object({ type: z.literal("round.opened"), ...round }),
  z.object({ type: z.literal("round.closing"), ...round }),
  z.object({ type: z.literal("round.closed"), ...round }),
  /** Paused, extended, revealed, undone: whatever opens or closes nothing. */
  z.object({ type: z.literal("round.changed"), ...round }),
  z.object({
    type: z.literal("entrant.changed"),
    competition_id: idSchema("competition"),
    entrant_id: idSchema("entrant"),
  }),
  // What a team is told of. These name no competition: viewers see nothing of them.
  /** Banned, or let in again, as the contest's history has it. */
  z.object({
    type: z.literal("entrant.judged"),
    change_id: idSchema("competitionChange"),
    team_id: idSchema("team"),
  }),
  /** Proposed or answered. */
  z.object({ type: z.literal("merge.changed"), merge_id: idSchema("entrantMerge") }),
  /** A board was other than its submissions give; `team_id`: the organizer's. */
  z.object({
    type: z.literal("leaderboard.repaired"),
    change_id: idSchema("competitionChange"),
    team_id: idSchema("team"),
  }),
  z.object({ type: z.literal("rejudging.changed"), ...round, rejudging_id: idSchema("rejudging") }),
  /** Some of its submissions can be scored now. Names no competition: viewers see nothing of it. */
  z.object({ type: z.literal("rejudging.due"), rejudging_id: idSchema("rejudging") }),
  z.object({ type: z.literal("submission.accepted"), ...submission }),
  /** Another state that is not an end. */
  z.object({ type: z.literal("submission.changed"), ...submission }),
  /** `turn`: the place in the scorer's queue that is due to it, as `submissions.priority`. */
  z.object({ type: z.literal("submission.predicted"), ...submission, turn: z.number().int().optional() }),
  z.object({ type: z.literal("submission.scored"), ...submission }),
  z.object({ type: z.literal("submission.failed"), ...submission }),
  z.object({ type: z.literal("leaderboard.changed"), ...round }),
  z.object({
    type: z.literal("binding.changed"),
    endpoint_id: idSchema("endpoint"),
    binding_id: idSchema("binding"),
  }),
  z.object({ type: z.literal("routes.changed"), endpoint_id: idSchema("endpoint") }),
  /** Promoted, rolled back or aborted. */
  z.object({ type: z.literal("rollout.ended"), rollout_id: idSchema("rollout"), team_id: idSchema("team") }),
  /** Done or failed. */
  z.object({
    type: z.literal("batch_inference.ended"),
    batch_inference_id: idSchema("batchInference"),
    team_id: idSchema("team"),
  }),
  z.object({ type: z.literal("credits.exhausted"), team_id: idSchema("team") }),
  z.object({ type: z.literal("credits.granted"), team_id: idSchema("team") }),
  z.object({
    type: z.literal("team.invited"),
    team_id: idSchema("team"),
    invitation_id: idSchema("teamInvitation"),
  }),
  z.object({ type: z.literal("alert.raised"), ...alert }),
  z.object({ type: z.literal("alert.cleared"), ...alert }),
  z.object({
    type: z.literal("notification.created"),
    notification_id: idSchema("notification"),
    team_id: idSchema("team").nullable(),
  }),
  z.object({
    type: z.literal("mail.due"),
    notification_id: idSchema("notification"),
    user_id: idSchema("user"),
  }),
  z.object({ type: z.literal("webhook.due"), delivery_id: idSchema("webhookDelivery") }),
  z.object({ type: z.literal("study.changed"), study_id: idSchema("study"), team_id: idSchema("team") }),
]);

export type PodiumEvent = z.infer<typeof eventSchema>;
export type EventType = PodiumEvent["type"];
export type EventOf<T extends EventType> = Extract<PodiumEvent, { type: T }>;
