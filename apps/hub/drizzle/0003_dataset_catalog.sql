ALTER TABLE "dataset_versions" ADD COLUMN "files" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD COLUMN "note" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD COLUMN "created_by" text;--> statement-breakpoint
ALTER TABLE "datasets" ADD COLUMN "tags" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "datasets" ADD COLUMN "last_version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "datasets" ADD COLUMN "last_access_at" timestamp with time zone;--> statement-breakpoint
UPDATE "datasets" SET "last_version" = coalesce((SELECT max("number") FROM "dataset_versions" WHERE "dataset_id" = "datasets"."id"), 0);--> statement-breakpoint
UPDATE "dataset_versions" SET "files" = (SELECT jsonb_array_length("entries") FROM "trees" WHERE "id" = "tree_id");
