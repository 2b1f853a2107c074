import type { components, paths } from "@podium/shared/generated/api";

type Schemas = components["schemas"];

// The hub's answers, under the names of its API description.
export type Me = Schemas["Me"];
export type ApiToken = Schemas["ApiToken"];
export type Problem = Schemas["Problem"];
export type Competition = Schemas["Competition"];
export type CompetitionChange = Schemas["CompetitionChange"];
export type Round = Schemas["Round"];
export type Entrant = Schemas["Entrant"];
export type EntrantMerge = Schemas["EntrantMerge"];
export type TeamInvitation = Schemas["TeamInvitation"];
export type Member = Schemas["Member"];
export type Submission = Schemas["Submission"];
export type Leaderboard = Schemas["Leaderboard"];
export type LeaderboardRow = Schemas["LeaderboardRow"];
export type EntrantHistory = Schemas["EntrantHistory"];
export type Finding = Schemas["Finding"];
export type Rejudging = Schemas["Rejudging"];
export type ScoringWait = NonNullable<Schemas["ScoringBacklog"]["wait"]>;
export type RejudgingDetails = Schemas["RejudgingDetails"];
export type Survivors = Schemas["Survivors"];
export type CompetitionStatistics = Schemas["CompetitionStatistics"];
export type Session = Schemas["Session"];
export type Attempt = Schemas["Attempt"];
export type LogLine = Schemas["LogLine"];
export type MetricPoint = Schemas["MetricPoint"];
export type Balance = Schemas["Balance"];
export type LedgerEntry = Schemas["LedgerEntry"];
export type Node = Schemas["Node"];
export type ClusterSeries = Schemas["ClusterSeries"];
export type NodeSeries = Schemas["NodeSeries"];
export type NotificationKind = Schemas["NotificationKind"];
export type Endpoint = Schemas["Endpoint"];
export type Binding = Schemas["Binding"];
export type BatchInference = Schemas["BatchInference"];
export type NewEndpointKey = NonNullable<
  paths["/api/v1/endpoints/{name}/keys"]["post"]["requestBody"]
>["content"]["application/json"];
export type Rollout = Schemas["Rollout"];
export type NewRollout = NonNullable<
  paths["/api/v1/endpoints/{name}/rollouts"]["post"]["requestBody"]
>["content"]["application/json"];
export type TrafficChange = Schemas["TrafficChange"];
export type VersionFigures = Schemas["VersionFigures"];
export type EndpointPoint = Schemas["EndpointPoint"];
export type EndpointSeries = Schemas["EndpointSeries"];
export type Dataset = Schemas["Dataset"];
export type DatasetVersion = Schemas["DatasetVersion"];
export type DatasetChange = Schemas["DatasetChange"];
export type DatasetDiff = Schemas["DatasetDiff"];
export type DatasetSort = NonNullable<
  NonNullable<paths["/api/v1/datasets"]["get"]["parameters"]["query"]>["sort"]
>;
