CREATE TABLE "batch_inferences" (
	"id" text PRIMARY KEY NOT NULL,
	"endpoint_id" text NOT NULL,
	"binding_id" text NOT NULL,
	"session_id" text NOT NULL,
	"dataset" text NOT NULL,
	"output_dataset_id" text NOT NULL,
	"output" text NOT NULL,
	"output_version" integer,
	"state" text NOT NULL,
	"failure" text,
	"created_by" text,
	"created_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "batch_inferences_session_id_unique" UNIQUE("session_id")
);
--> statement-breakpoint
ALTER TABLE "batch_inferences" ADD CONSTRAINT "batch_inferences_endpoint_id_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoints"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_inferences" ADD CONSTRAINT "batch_inferences_binding_id_bindings_id_fk" FOREIGN KEY ("binding_id") REFERENCES "public"."bindings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_inferences" ADD CONSTRAINT "batch_inferences_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_inferences" ADD CONSTRAINT "batch_inferences_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "batch_inferences_endpoint" ON "batch_inferences" USING btree ("endpoint_id","id");