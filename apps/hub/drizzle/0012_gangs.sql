DROP INDEX "attempts_epoch";--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "rank" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "port" integer;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "was_ended" boolean;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "nodes" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "attempts_epoch" ON "attempts" USING btree ("session_id","epoch","rank");