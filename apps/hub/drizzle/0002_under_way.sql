ALTER TABLE "submissions" ADD COLUMN "platform_fault" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "submissions_under_way" ON "submissions" USING btree ("round_id") WHERE "submissions"."state" in ('queued', 'inferring', 'scoring');--> statement-breakpoint
CREATE INDEX "sessions_attempt" ON "sessions" USING btree ("attempt_id");