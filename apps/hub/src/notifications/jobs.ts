import { on } from "../platform/subscribers.ts";
import { notify } from "./notify.ts";

export const notificationJobs = [
  on(
    [
      "session.ended",
      "submission.scored",
      "submission.failed",
      "credits.exhausted",
      "alert.raised",
      "alert.cleared",
    ],
    "notifications.notify",
    notify,
  ),
];
