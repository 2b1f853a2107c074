CREATE TABLE "rejudged_submissions" (
	"rejudging_id" text NOT NULL,
	"submission_id" text NOT NULL,
	"state" text NOT NULL,
	"failure" jsonb,
	"session_id" text,
	CONSTRAINT "rejudged_submissions_rejudging_id_submission_id_pk" PRIMARY KEY("rejudging_id","submission_id")
);
--> statement-breakpoint
ALTER TABLE "scores" ALTER COLUMN "sketch" SET DATA TYPE text;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "committed" jsonb;--> statement-breakpoint
ALTER TABLE "rejudgings" ADD COLUMN "previous_labels_tree" text;--> statement-breakpoint
ALTER TABLE "rejudgings" ADD COLUMN "previous_scorer_tree" text;--> statement-breakpoint
ALTER TABLE "rejudgings" ADD COLUMN "apply_requested_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rejudged_submissions" ADD CONSTRAINT "rejudged_submissions_rejudging_id_rejudgings_id_fk" FOREIGN KEY ("rejudging_id") REFERENCES "public"."rejudgings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rejudged_submissions" ADD CONSTRAINT "rejudged_submissions_submission_id_submissions_id_fk" FOREIGN KEY ("submission_id") REFERENCES "public"."submissions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "rejudged_pending" ON "rejudged_submissions" USING btree ("rejudging_id") WHERE "rejudged_submissions"."state" = 'pending';--> statement-breakpoint
CREATE UNIQUE INDEX "rejudgings_one_at_a_time" ON "rejudgings" USING btree ("round_id") WHERE "rejudgings"."state" in ('scoring', 'ready');