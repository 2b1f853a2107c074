DROP INDEX "blob_owners_blob";--> statement-breakpoint
DROP INDEX "tree_owners_tree";--> statement-breakpoint
ALTER TABLE "blob_owners" DROP CONSTRAINT "blob_owners_team_id_sha256_pk";--> statement-breakpoint
ALTER TABLE "tree_owners" DROP CONSTRAINT "tree_owners_team_id_tree_id_pk";--> statement-breakpoint
ALTER TABLE "blob_owners" ADD CONSTRAINT "blob_owners_sha256_team_id_pk" PRIMARY KEY("sha256","team_id");--> statement-breakpoint
ALTER TABLE "tree_owners" ADD CONSTRAINT "tree_owners_tree_id_team_id_pk" PRIMARY KEY("tree_id","team_id");