import { competitionJobs } from "./competitions/index.ts";
import { leaderboardJobs } from "./leaderboards/index.ts";
import { notificationJobs, type Senders } from "./notifications/index.ts";
import type { Subscriber } from "./platform/subscribers.ts";
import { type Scorer, scoringJobs } from "./scoring/index.ts";
import { servingJobs } from "./serving/index.ts";
import { tuningJobs } from "./tuning/index.ts";

/** All that the hub does when something has happened: every domain's reactions to events. */
export const subscriptions = (scorer: Scorer, senders: Senders): Subscriber[] => [
  ...tuningJobs,
  ...competitionJobs,
  ...servingJobs,
  ...scoringJobs(scorer),
  ...leaderboardJobs,
  ...notificationJobs(senders),
];
