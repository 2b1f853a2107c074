ALTER TABLE "attempts" ADD COLUMN "failure" jsonb;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "recorded_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "busy_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "idle_told_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "latest_checkpoint" jsonb;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "forked_from" jsonb;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "nsml_flags" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "grace_ms" bigint DEFAULT 10000 NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "preemptible" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "retries" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "retries_used" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "retry_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "after_stop" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "move_to" jsonb;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "ran_ms" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "removed_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "sessions_retrying" ON "sessions" USING btree ("retry_at") WHERE "sessions"."state" = 'retrying';