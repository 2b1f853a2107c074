CREATE TABLE "session_streams" (
	"id" text PRIMARY KEY NOT NULL,
	"session_id" text NOT NULL,
	"attempt_id" text NOT NULL,
	"user_id" text NOT NULL,
	"kind" text NOT NULL,
	"code" text,
	"cols" integer NOT NULL,
	"rows" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"waiting_at" timestamp with time zone,
	"joined_at" timestamp with time zone,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "failure" jsonb;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "latest_checkpoint" jsonb;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "forked_from" jsonb;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "nsml_flags" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "grace_ms" bigint DEFAULT 10000 NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "retries" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "retries_used" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "retry_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "after_stop" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "move_to" jsonb;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "ran_ms" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "removed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "session_streams" ADD CONSTRAINT "session_streams_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session_streams" ADD CONSTRAINT "session_streams_attempt_id_attempts_id_fk" FOREIGN KEY ("attempt_id") REFERENCES "public"."attempts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "session_streams_session" ON "session_streams" USING btree ("session_id","id");--> statement-breakpoint
CREATE INDEX "session_streams_open" ON "session_streams" USING btree ("attempt_id") WHERE "session_streams"."waiting_at" is not null and "session_streams"."joined_at" is null and "session_streams"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "sessions_retrying" ON "sessions" USING btree ("retry_at") WHERE "sessions"."state" = 'retrying';