CREATE TABLE "tree_lines" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tree_lines_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"last" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "tree_blobs" DROP CONSTRAINT "tree_blobs_tree_id_trees_id_fk";
--> statement-breakpoint
ALTER TABLE "tree_blobs" DROP CONSTRAINT "tree_blobs_sha256_blobs_sha256_fk";
--> statement-breakpoint
ALTER TABLE "tree_blobs" DROP CONSTRAINT "tree_blobs_tree_id_sha256_pk";--> statement-breakpoint
ALTER TABLE "tree_blobs" ADD COLUMN "line" bigint;--> statement-breakpoint
ALTER TABLE "tree_blobs" ADD COLUMN "since" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "tree_blobs" ADD COLUMN "until" integer;--> statement-breakpoint
ALTER TABLE "trees" ADD COLUMN "line" bigint;--> statement-breakpoint
ALTER TABLE "trees" ADD COLUMN "place" integer;--> statement-breakpoint
-- By hand: each tree so far is a line of its own.
UPDATE "trees" SET "line" = nextval('"tree_lines_id_seq"'), "place" = 0;--> statement-breakpoint
INSERT INTO "tree_lines" ("id") OVERRIDING SYSTEM VALUE SELECT "line" FROM "trees";--> statement-breakpoint
UPDATE "tree_blobs" SET "line" = "trees"."line" FROM "trees" WHERE "trees"."id" = "tree_blobs"."tree_id";--> statement-breakpoint
ALTER TABLE "tree_blobs" ALTER COLUMN "line" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "trees" ALTER COLUMN "line" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "trees" ALTER COLUMN "place" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "tree_blobs" ADD CONSTRAINT "tree_blobs_line_sha256_since_pk" PRIMARY KEY("line","sha256","since");--> statement-breakpoint
ALTER TABLE "trees" ADD CONSTRAINT "trees_line_tree_lines_id_fk" FOREIGN KEY ("line") REFERENCES "public"."tree_lines"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "trees_line" ON "trees" USING btree ("line","place");--> statement-breakpoint
ALTER TABLE "tree_blobs" DROP COLUMN "tree_id";--> statement-breakpoint
-- By hand: Postgres' own compression halves a page of hashes, and takes most of the time that a push takes for it.
ALTER TABLE "tree_pages" ALTER COLUMN "manifest" SET STORAGE EXTERNAL;--> statement-breakpoint
-- By hand: room for the rows that a following tree ends, so that ending one needs no new places in the indexes.
ALTER TABLE "tree_blobs" SET (fillfactor = 90);
