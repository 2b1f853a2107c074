import { on } from "../platform/subscribers.ts";
import { notify } from "./notify.ts";

export const notificationJobs = [
  on(
    ["session.ended", "submission.scored", "submission.failed", "credits.exhausted"],
    "notifications.notify",
    notify,
  ),
];
