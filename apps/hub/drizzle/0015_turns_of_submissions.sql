ALTER TABLE "submissions" ADD COLUMN "run" jsonb;--> statement-breakpoint
ALTER TABLE "submissions" ADD COLUMN "infer_ms" bigint;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "turn" bigint;