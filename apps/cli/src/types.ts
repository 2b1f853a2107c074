import type { components } from "./api-stub.ts";

type Schemas = components["schemas"];
export type Balance = Schemas["Balance"];
export type Binding = Schemas["Binding"];
export type Competition = Schemas["Competition"];
export type Dataset = Schemas["Dataset"];
export type Endpoint = Schemas["Endpoint"];
export type Leaderboard = Schemas["Leaderboard"];
export type Me = Schemas["Me"];
export type Session = Schemas["Session"];
export type Study = Schemas["Study"];
export type Submission = Schemas["Submission"];
