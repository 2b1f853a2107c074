CREATE TABLE "binding_replicas" (
	"session_id" text PRIMARY KEY NOT NULL,
	"binding_id" text NOT NULL,
	"state" text NOT NULL,
	"failure" text,
	"unpaid" boolean DEFAULT false NOT NULL,
	"ready_at" timestamp with time zone,
	"draining_at" timestamp with time zone,
	"drain_version" integer,
	"created_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "binding_scaling" (
	"binding_id" text PRIMARY KEY NOT NULL,
	"min_replicas" integer NOT NULL,
	"max_replicas" integer NOT NULL,
	"target_load" integer NOT NULL,
	"scale_down_ms" bigint NOT NULL,
	"idle_ms" bigint NOT NULL,
	"wanted" integer NOT NULL,
	"dip_since" timestamp with time zone,
	"dip_peak" integer DEFAULT 0 NOT NULL,
	"busy_at" timestamp with time zone,
	"trouble" text,
	"forgiven_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "gateway_loads" (
	"gateway_id" text PRIMARY KEY NOT NULL,
	"version" bigint NOT NULL,
	"load" jsonb NOT NULL,
	"reported_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "binding_replicas" ADD CONSTRAINT "binding_replicas_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "binding_replicas" ADD CONSTRAINT "binding_replicas_binding_id_bindings_id_fk" FOREIGN KEY ("binding_id") REFERENCES "public"."bindings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "binding_scaling" ADD CONSTRAINT "binding_scaling_binding_id_bindings_id_fk" FOREIGN KEY ("binding_id") REFERENCES "public"."bindings"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "binding_replicas_binding" ON "binding_replicas" USING btree ("binding_id","created_at");--> statement-breakpoint
-- What was bound before has the one replica that it had.
INSERT INTO "binding_scaling" ("binding_id", "min_replicas", "max_replicas", "target_load", "scale_down_ms", "idle_ms", "wanted")
SELECT b."id", 1, 1, coalesce((s."serving"->>'max_batch')::integer, 64), 60000, 300000, 1
FROM "bindings" b LEFT JOIN "sessions" s ON s."id" = b."session_id";--> statement-breakpoint
INSERT INTO "binding_replicas" ("session_id", "binding_id", "state", "failure", "ready_at", "created_at", "ended_at")
SELECT b."session_id", b."id",
  CASE b."state" WHEN 'ready' THEN 'ready' WHEN 'starting' THEN 'starting' ELSE 'ended' END,
  CASE b."state" WHEN 'failed' THEN coalesce(b."failure", 'The model''s process has ended.') END,
  CASE b."state" WHEN 'ready' THEN s."started_at" END,
  b."created_at",
  CASE WHEN b."state" IN ('stopped', 'failed') THEN coalesce(s."ended_at", b."created_at") END
FROM "bindings" b JOIN "sessions" s ON s."id" = b."session_id";
