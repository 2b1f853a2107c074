export { startForgetting } from "./duty.ts";
export { notificationJobs, PATIENT_QUEUES, type Senders } from "./jobs.ts";
export { createMailer } from "./mail/mailer.ts";
export { type NotificationOptions, notificationRoutes } from "./routes.ts";
