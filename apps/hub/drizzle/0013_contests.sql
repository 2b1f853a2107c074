CREATE TABLE "competition_changes" (
	"id" text PRIMARY KEY NOT NULL,
	"competition_id" text NOT NULL,
	"round_id" text,
	"entrant_id" text,
	"action" text NOT NULL,
	"reason" text,
	"details" jsonb NOT NULL,
	"actor_id" text,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "competition_versions" (
	"competition_id" text NOT NULL,
	"version" integer NOT NULL,
	"definition" jsonb NOT NULL,
	"changed_by" text,
	"changed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "competition_versions_competition_id_version_pk" PRIMARY KEY("competition_id","version")
);
--> statement-breakpoint
CREATE TABLE "entrant_merges" (
	"id" text PRIMARY KEY NOT NULL,
	"competition_id" text NOT NULL,
	"from_entrant_id" text NOT NULL,
	"into_entrant_id" text NOT NULL,
	"state" text NOT NULL,
	"proposed_by" text,
	"proposed_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "findings" (
	"id" text PRIMARY KEY NOT NULL,
	"competition_id" text NOT NULL,
	"round_id" text NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"found_at" timestamp with time zone NOT NULL,
	"verdict" text,
	"verdict_reason" text,
	"judged_by" text,
	"judged_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "rejudgings" (
	"id" text PRIMARY KEY NOT NULL,
	"competition_id" text NOT NULL,
	"round_id" text NOT NULL,
	"state" text NOT NULL,
	"reason" text NOT NULL,
	"labels_tree" text,
	"scorer_tree" text,
	"scorer_version" text NOT NULL,
	"created_by" text,
	"created_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
DROP INDEX "leaderboard_ascending";--> statement-breakpoint
ALTER TABLE "leaderboard_rows" DROP CONSTRAINT "leaderboard_rows_round_id_entrant_id_pk";--> statement-breakpoint
ALTER TABLE "leaderboard_rows" ADD COLUMN "board" text DEFAULT 'public' NOT NULL;--> statement-breakpoint
ALTER TABLE "leaderboard_rows" ADD CONSTRAINT "leaderboard_rows_round_id_board_entrant_id_pk" PRIMARY KEY("round_id","board","entrant_id");--> statement-breakpoint
ALTER TABLE "competitions" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "entrants" ADD COLUMN "terms_hash" text;--> statement-breakpoint
ALTER TABLE "entrants" ADD COLUMN "terms_accepted_by" text;--> statement-breakpoint
ALTER TABLE "entrants" ADD COLUMN "merged_into" text;--> statement-breakpoint
ALTER TABLE "entrants" ADD COLUMN "last_priority" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "sample_inputs_tree" text;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "sample_labels_tree" text;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "scorer_tree" text;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "ingestion_tree" text;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "commitment" text;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "commitment_nonce" text;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "paused_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "revealed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "advanced_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "submissions" ADD COLUMN "trial" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "submissions" ADD COLUMN "selected" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "submissions" ADD COLUMN "priority" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "submissions" ADD COLUMN "memo" text;--> statement-breakpoint
ALTER TABLE "submissions" ADD COLUMN "code_tree" text;--> statement-breakpoint
ALTER TABLE "submissions" ADD COLUMN "score_session_id" text;--> statement-breakpoint
ALTER TABLE "submissions" ADD COLUMN "private_score" double precision;--> statement-breakpoint
ALTER TABLE "submissions" ADD COLUMN "columns" jsonb;--> statement-breakpoint
ALTER TABLE "submissions" ADD COLUMN "private_columns" jsonb;--> statement-breakpoint
ALTER TABLE "submissions" ADD COLUMN "predictions_digest" text;--> statement-breakpoint
ALTER TABLE "leaderboard_rows" ADD COLUMN "columns" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "leaderboard_rows" ADD COLUMN "sort_keys" double precision[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "scores" ADD COLUMN "values" jsonb;--> statement-breakpoint
ALTER TABLE "scores" ADD COLUMN "predictions_digest" text;--> statement-breakpoint
ALTER TABLE "scores" ADD COLUMN "sketch" jsonb;--> statement-breakpoint
ALTER TABLE "scores" ADD COLUMN "losses_tree" text;--> statement-breakpoint
ALTER TABLE "competition_changes" ADD CONSTRAINT "competition_changes_competition_id_competitions_id_fk" FOREIGN KEY ("competition_id") REFERENCES "public"."competitions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "competition_versions" ADD CONSTRAINT "competition_versions_competition_id_competitions_id_fk" FOREIGN KEY ("competition_id") REFERENCES "public"."competitions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entrant_merges" ADD CONSTRAINT "entrant_merges_competition_id_competitions_id_fk" FOREIGN KEY ("competition_id") REFERENCES "public"."competitions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entrant_merges" ADD CONSTRAINT "entrant_merges_from_entrant_id_entrants_id_fk" FOREIGN KEY ("from_entrant_id") REFERENCES "public"."entrants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entrant_merges" ADD CONSTRAINT "entrant_merges_into_entrant_id_entrants_id_fk" FOREIGN KEY ("into_entrant_id") REFERENCES "public"."entrants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_competition_id_competitions_id_fk" FOREIGN KEY ("competition_id") REFERENCES "public"."competitions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rejudgings" ADD CONSTRAINT "rejudgings_competition_id_competitions_id_fk" FOREIGN KEY ("competition_id") REFERENCES "public"."competitions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rejudgings" ADD CONSTRAINT "rejudgings_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "competition_changes_of" ON "competition_changes" USING btree ("competition_id","id");--> statement-breakpoint
CREATE INDEX "entrant_merges_of" ON "entrant_merges" USING btree ("competition_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "findings_once" ON "findings" USING btree ("round_id","kind","subject");--> statement-breakpoint
CREATE INDEX "rejudgings_of" ON "rejudgings" USING btree ("competition_id","id");--> statement-breakpoint
ALTER TABLE "submissions" ADD CONSTRAINT "submissions_score_session_id_sessions_id_fk" FOREIGN KEY ("score_session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "entrants_team" ON "entrants" USING btree ("team_id");--> statement-breakpoint
CREATE INDEX "submissions_digest" ON "submissions" USING btree ("round_id","predictions_digest");--> statement-breakpoint
CREATE INDEX "submissions_scored" ON "submissions" USING btree ("round_id","entrant_id") WHERE "submissions"."state" = 'scored' and not "submissions"."trial";--> statement-breakpoint
CREATE INDEX "leaderboard_order" ON "leaderboard_rows" USING btree ("round_id","board","sort_keys","best_at","entrant_id");--> statement-breakpoint
-- What stood before gets what is new in definitions at its default, a first edition, and boards sorted by their score.
UPDATE "rounds" SET "definition" = '{"accepts": ["checkpoint", "predictions"]}'::jsonb || "definition"
  || jsonb_build_object('limits', '{"file_bytes": 1073741824}'::jsonb || ("definition"->'limits'));
--> statement-breakpoint
UPDATE "competitions" c SET "definition" = '{"pages": [], "columns": [], "tie_breaks": [], "advance": "automatic",
  "teams": {"max_members": 5, "merges": true},
  "leaderboard": {"counts": "best", "final": "best", "visible_to": "everybody", "history": "private", "ladder": false,
    "intervals": false, "reveal": "automatic"}}'::jsonb || c."definition"
  || jsonb_build_object('rounds', (SELECT jsonb_agg(r."definition" ORDER BY r."number") FROM "rounds" r WHERE r."competition_id" = c."id"));
--> statement-breakpoint
INSERT INTO "competition_versions" ("competition_id", "version", "definition", "changed_by", "changed_at")
  SELECT "id", 1, "definition", "created_by", "created_at" FROM "competitions";
--> statement-breakpoint
UPDATE "leaderboard_rows" SET "sort_keys" = array["score" * CASE WHEN c."definition"->'metric'->>'name' IN ('mse', 'rmse', 'mae') THEN 1 ELSE -1 END]
  FROM "rounds" r JOIN "competitions" c ON c."id" = r."competition_id" WHERE r."id" = "leaderboard_rows"."round_id";
