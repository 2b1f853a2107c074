CREATE TABLE "blob_packs" (
	"id" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"touched_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "blob_owners" DROP CONSTRAINT "blob_owners_team_id_teams_id_fk";
--> statement-breakpoint
ALTER TABLE "blob_owners" DROP CONSTRAINT "blob_owners_sha256_blobs_sha256_fk";
--> statement-breakpoint
ALTER TABLE "blobs" ADD COLUMN "pack_id" text;--> statement-breakpoint
ALTER TABLE "blobs" ADD COLUMN "pack_offset" integer;--> statement-breakpoint
ALTER TABLE "blobs" ADD COLUMN "first_team_id" text;