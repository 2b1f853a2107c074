CREATE TABLE "endpoint_figures" (
	"endpoint_id" text NOT NULL,
	"version" integer NOT NULL,
	"seconds" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"calls" bigint NOT NULL,
	"errors" bigint[] NOT NULL,
	"latency" bigint[] NOT NULL,
	"batches" bigint[] NOT NULL,
	"batched" bigint NOT NULL,
	"latency_ms" double precision NOT NULL,
	"queue_ms" double precision NOT NULL,
	"batch_ms" double precision NOT NULL,
	"transport_ms" double precision NOT NULL,
	"compute_ms" double precision NOT NULL,
	"max_waiting" integer NOT NULL,
	CONSTRAINT "endpoint_figures_endpoint_id_seconds_at_version_pk" PRIMARY KEY("endpoint_id","seconds","at","version")
);
--> statement-breakpoint
CREATE TABLE "gateway_figures" (
	"gateway_id" text PRIMARY KEY NOT NULL,
	"sequence" bigint NOT NULL,
	"received_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "endpoint_figures" ADD CONSTRAINT "endpoint_figures_endpoint_id_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoints"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "endpoint_figures_time" ON "endpoint_figures" USING btree ("seconds","at");