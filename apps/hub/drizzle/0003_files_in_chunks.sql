CREATE TABLE "blob_chunks" (
	"file" text NOT NULL,
	"position" integer NOT NULL,
	"sha256" text NOT NULL,
	CONSTRAINT "blob_chunks_file_position_pk" PRIMARY KEY("file","position")
);
--> statement-breakpoint
CREATE TABLE "tree_pages" (
	"tree_id" text NOT NULL,
	"page" integer NOT NULL,
	"manifest" text NOT NULL,
	CONSTRAINT "tree_pages_tree_id_page_pk" PRIMARY KEY("tree_id","page")
);
--> statement-breakpoint
ALTER TABLE "blobs" ADD COLUMN "touched_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "blobs" ADD COLUMN "doomed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "trees" ADD COLUMN "files" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "trees" ADD COLUMN "touched_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "blob_chunks" ADD CONSTRAINT "blob_chunks_file_blobs_sha256_fk" FOREIGN KEY ("file") REFERENCES "public"."blobs"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blob_chunks" ADD CONSTRAINT "blob_chunks_sha256_blobs_sha256_fk" FOREIGN KEY ("sha256") REFERENCES "public"."blobs"("sha256") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tree_pages" ADD CONSTRAINT "tree_pages_tree_id_trees_id_fk" FOREIGN KEY ("tree_id") REFERENCES "public"."trees"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "blob_chunks_chunk" ON "blob_chunks" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "blob_owners_blob" ON "blob_owners" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "blobs_doomed" ON "blobs" USING btree ("doomed_at") WHERE "blobs"."doomed_at" is not null;--> statement-breakpoint
CREATE INDEX "tree_owners_tree" ON "tree_owners" USING btree ("tree_id");--> statement-breakpoint
-- By hand: manifests that were kept as JSON become pages of lines.
INSERT INTO "tree_pages" ("tree_id", "page", "manifest")
SELECT "id", ("place" - 1) / 1000, string_agg(
	CASE ("entry"->>'mode')::int WHEN 493 THEN '755' ELSE '644' END || ' ' || ("entry"->>'sha256') || ' ' || ("entry"->>'size') || ' ' || ("entry"->>'path') || E'\n',
	'' ORDER BY "place")
FROM "trees", jsonb_array_elements("entries") WITH ORDINALITY AS "each" ("entry", "place")
GROUP BY "id", ("place" - 1) / 1000;--> statement-breakpoint
UPDATE "trees" SET "files" = jsonb_array_length("entries");--> statement-breakpoint
ALTER TABLE "trees" DROP COLUMN "entries";