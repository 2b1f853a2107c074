ALTER TABLE "dataset_versions" ADD COLUMN "note" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD COLUMN "created_by" text;--> statement-breakpoint
ALTER TABLE "datasets" ADD COLUMN "tags" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "datasets" ADD COLUMN "last_version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "datasets" ADD COLUMN "last_access_at" timestamp with time zone;--> statement-breakpoint
-- By hand: numbers of versions go on from the highest there is.
UPDATE "datasets" SET "last_version" = coalesce((SELECT max("number") FROM "dataset_versions" WHERE "dataset_id" = "datasets"."id"), 0);
