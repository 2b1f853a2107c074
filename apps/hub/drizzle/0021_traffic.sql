CREATE TABLE "version_figures" (
	"binding_id" text NOT NULL,
	"run_id" text NOT NULL,
	"sequence" bigint NOT NULL,
	"calls" bigint NOT NULL,
	"errors" bigint NOT NULL,
	"latency" jsonb NOT NULL,
	"shadow" jsonb,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "version_figures_binding_id_run_id_pk" PRIMARY KEY("binding_id","run_id")
);
--> statement-breakpoint
CREATE TABLE "rollouts" (
	"id" text PRIMARY KEY NOT NULL,
	"endpoint_id" text NOT NULL,
	"binding_id" text NOT NULL,
	"state" text NOT NULL,
	"steps" jsonb NOT NULL,
	"step" integer NOT NULL,
	"step_since" timestamp with time zone NOT NULL,
	"every_ms" bigint NOT NULL,
	"max_error_rate" double precision NOT NULL,
	"max_p99_ratio" double precision,
	"min_calls" integer NOT NULL,
	"shadow_calls" integer NOT NULL,
	"min_agreement" double precision NOT NULL,
	"before" jsonb NOT NULL,
	"at_start" jsonb NOT NULL,
	"at_step" jsonb NOT NULL,
	"waits_for" text,
	"log" jsonb NOT NULL,
	"created_by" text,
	"created_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "traffic_changes" (
	"id" text PRIMARY KEY NOT NULL,
	"endpoint_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor_id" text,
	"cause" text NOT NULL,
	"before" jsonb NOT NULL,
	"after" jsonb NOT NULL,
	"note" text
);
--> statement-breakpoint
ALTER TABLE "bindings" ADD COLUMN "idle_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "bindings" ADD COLUMN "drained_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "bindings" ADD COLUMN "shadow_percent" double precision DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "bindings" ADD COLUMN "shadow_tolerance" double precision DEFAULT 0.001 NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "keep_old_ms" bigint DEFAULT 3600000 NOT NULL;--> statement-breakpoint
ALTER TABLE "version_figures" ADD CONSTRAINT "version_figures_binding_id_bindings_id_fk" FOREIGN KEY ("binding_id") REFERENCES "public"."bindings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollouts" ADD CONSTRAINT "rollouts_endpoint_id_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoints"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollouts" ADD CONSTRAINT "rollouts_binding_id_bindings_id_fk" FOREIGN KEY ("binding_id") REFERENCES "public"."bindings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rollouts" ADD CONSTRAINT "rollouts_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "traffic_changes" ADD CONSTRAINT "traffic_changes_endpoint_id_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoints"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "traffic_changes" ADD CONSTRAINT "traffic_changes_actor_id_users_id_fk" FOREIGN KEY ("actor_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "rollouts_live" ON "rollouts" USING btree ("endpoint_id") WHERE "rollouts"."state" in ('running', 'paused');--> statement-breakpoint
CREATE INDEX "rollouts_endpoint" ON "rollouts" USING btree ("endpoint_id","id");--> statement-breakpoint
CREATE INDEX "traffic_changes_endpoint" ON "traffic_changes" USING btree ("endpoint_id","id");