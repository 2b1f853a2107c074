CREATE TABLE "cached_environments" (
	"node_id" text NOT NULL,
	"key" text NOT NULL,
	"build_seconds" double precision NOT NULL,
	CONSTRAINT "cached_environments_node_id_key_pk" PRIMARY KEY("node_id","key")
);
--> statement-breakpoint
CREATE TABLE "cached_images" (
	"node_id" text NOT NULL,
	"reference" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	CONSTRAINT "cached_images_node_id_reference_pk" PRIMARY KEY("node_id","reference")
);
--> statement-breakpoint
ALTER TABLE "nodes" ADD COLUMN "cache_digest" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "image" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "dropped_image" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "environment" text;--> statement-breakpoint
ALTER TABLE "cached_environments" ADD CONSTRAINT "cached_environments_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cached_images" ADD CONSTRAINT "cached_images_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "cached_environments_key" ON "cached_environments" USING btree ("key");--> statement-breakpoint
CREATE INDEX "cached_images_reference" ON "cached_images" USING btree ("reference");