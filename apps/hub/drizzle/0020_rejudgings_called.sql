ALTER TABLE "rejudgings" ADD COLUMN "moved_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "rejudgings" ADD COLUMN "calls" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rejudgings" ADD COLUMN "called_at" timestamp with time zone;