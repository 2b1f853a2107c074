import { on } from "../platform/subscribers.ts";
import { sessionMoved } from "./follow-replica.ts";

export const servingJobs = [
  on(["session.placed", "session.queued", "session.ended"], "serving.follow-session", (ctx, event) =>
    sessionMoved(ctx, event.session_id),
  ),
];
