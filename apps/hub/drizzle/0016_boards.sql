CREATE TABLE "boards" (
	"round_id" text PRIMARY KEY NOT NULL,
	"version" bigint NOT NULL,
	"reset_at" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ladder_steps" (
	"submission_id" text PRIMARY KEY NOT NULL,
	"entrant_id" text NOT NULL,
	"round_id" text NOT NULL,
	"previous_id" text,
	"losses_tree" text NOT NULL,
	"shown_id" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "revealed_rank" integer;--> statement-breakpoint
ALTER TABLE "leaderboard_rows" ADD COLUMN "rank_low" integer;--> statement-breakpoint
ALTER TABLE "leaderboard_rows" ADD COLUMN "rank_high" integer;--> statement-breakpoint
ALTER TABLE "leaderboard_rows" ADD COLUMN "chance" double precision;--> statement-breakpoint
ALTER TABLE "leaderboard_rows" ADD COLUMN "version" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "boards" ADD CONSTRAINT "boards_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ladder_steps" ADD CONSTRAINT "ladder_steps_submission_id_submissions_id_fk" FOREIGN KEY ("submission_id") REFERENCES "public"."submissions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ladder_steps_of" ON "ladder_steps" USING btree ("round_id","entrant_id");--> statement-breakpoint
CREATE INDEX "leaderboard_changes" ON "leaderboard_rows" USING btree ("round_id","board","version");--> statement-breakpoint
-- What had closed before had been shown and had advanced; its final board was the live one.
UPDATE "rounds" SET "advanced_at" = "closed_at", "revealed_at" = coalesce("revealed_at", "closed_at") WHERE "state" = 'closed';
--> statement-breakpoint
INSERT INTO "leaderboard_rows" ("round_id", "entrant_id", "board", "score", "columns", "sort_keys", "submissions", "best_submission_id", "best_at", "survives")
  SELECT "round_id", "entrant_id", 'private', "score", "columns", "sort_keys", "submissions", "best_submission_id", "best_at", "survives"
  FROM "leaderboard_rows" WHERE "board" = 'public' ON CONFLICT DO NOTHING;
