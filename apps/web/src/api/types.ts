import type * as shared from "@podium/shared";
import type { z } from "zod";

export type Me = shared.Me;
export type Team = z.infer<typeof shared.teamSchema>;
export type ApiToken = z.infer<typeof shared.tokenSchema>;
export type NewApiToken = z.infer<typeof shared.newTokenSchema>;
export type Problem = shared.Problem;
export type Competition = shared.Competition;
export type Round = z.infer<typeof shared.roundSchema>;
export type Entrant = z.infer<typeof shared.entrantSchema>;
export type Submission = shared.Submission;
export type Submit = z.infer<typeof shared.submitSchema>;
export type Leaderboard = z.infer<typeof shared.leaderboardSchema>;
export type LeaderboardRow = shared.LeaderboardRow;
export type Session = shared.Session;
export type LogLine = z.infer<typeof shared.logLineSchema>;
export type MetricPoint = z.infer<typeof shared.metricPointSchema>;
export type Checkpoint = z.infer<typeof shared.checkpointSchema>;
export type Balance = z.infer<typeof shared.balanceSchema>;
export type LedgerEntry = z.infer<typeof shared.ledgerEntrySchema>;
export type Node = z.infer<typeof shared.nodeSchema>;
export type Endpoint = z.infer<typeof shared.endpointSchema>;
export type Binding = z.infer<typeof shared.bindingSchema>;
export type NewEndpointKey = z.infer<typeof shared.newEndpointKeySchema>;
export interface Page<T> {
  items: T[];
  next: string | null;
}
