import type { components, paths } from "@podium/shared/generated/api";

type Schemas = components["schemas"];
export type BatchInference = Schemas["BatchInference"];
export type Binding = Schemas["Binding"];
export type Competition = Schemas["Competition"];
export type CompetitionChange = Schemas["CompetitionChange"];
export type Dataset = Schemas["Dataset"];
export type DatasetChange = Schemas["DatasetChange"];
export type DatasetDiff = Schemas["DatasetDiff"];
export type DatasetVersion = Schemas["DatasetVersion"];
export type Endpoint = Schemas["Endpoint"];
export type EndpointKey = Schemas["EndpointKey"];
export type Finding = Schemas["Finding"];
export type Leaderboard = Schemas["Leaderboard"];
export type Survivors = Schemas["Survivors"];
export type CompetitionStatistics = Schemas["CompetitionStatistics"];
export type LedgerEntry = Schemas["LedgerEntry"];
export type Me = Schemas["Me"];
export type Node = Schemas["Node"];
export type NotificationKind = Schemas["NotificationKind"];
export type Rollout = Schemas["Rollout"];
export type Session = Schemas["Session"];
export type SessionSeries = Schemas["SessionSeries"];
export type Study = Schemas["Study"];
export type SubmissionResult = Schemas["SubmissionResult"];
export type Submission = Schemas["Submission"];
export type TrafficChange = Schemas["TrafficChange"];
export type VersionFigures = Schemas["VersionFigures"];

/** What a POST to the path takes. */
export type Body<P extends keyof paths> = paths[P] extends {
  post: { requestBody: { content: { "application/json": infer B } } };
}
  ? B
  : never;

/** A checked contract value as a request body: JSON leaves undefined fields out, which the types can't say. */
export function asBody<P extends keyof paths>(value: object): Body<P> {
  return value as Body<P>;
}
