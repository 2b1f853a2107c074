CREATE TABLE "endpoint_key_usage" (
	"key_id" text NOT NULL,
	"day" date NOT NULL,
	"calls" bigint NOT NULL,
	CONSTRAINT "endpoint_key_usage_key_id_day_pk" PRIMARY KEY("key_id","day")
);
--> statement-breakpoint
ALTER TABLE "endpoint_keys" ALTER COLUMN "endpoint_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoint_keys" ADD COLUMN "team_id" text;--> statement-breakpoint
ALTER TABLE "endpoint_keys" ADD COLUMN "old_sha256" text;--> statement-breakpoint
ALTER TABLE "endpoint_keys" ADD COLUMN "old_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "endpoint_keys" ADD COLUMN "scopes" jsonb;--> statement-breakpoint
ALTER TABLE "endpoint_keys" ADD COLUMN "versions" jsonb;--> statement-breakpoint
ALTER TABLE "endpoint_keys" ADD COLUMN "rate" jsonb;--> statement-breakpoint
ALTER TABLE "endpoint_keys" ADD COLUMN "calls_per_day" bigint;--> statement-breakpoint
ALTER TABLE "endpoint_keys" ADD COLUMN "calls_per_month" bigint;--> statement-breakpoint
ALTER TABLE "endpoint_keys" ADD COLUMN "last_used_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "cors_origins" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "rate" jsonb;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "address_rate" jsonb;--> statement-breakpoint
ALTER TABLE "endpoint_key_usage" ADD CONSTRAINT "endpoint_key_usage_key_id_endpoint_keys_id_fk" FOREIGN KEY ("key_id") REFERENCES "public"."endpoint_keys"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "endpoint_keys" ADD CONSTRAINT "endpoint_keys_team_id_teams_id_fk" FOREIGN KEY ("team_id") REFERENCES "public"."teams"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "endpoint_keys_team" ON "endpoint_keys" USING btree ("team_id");--> statement-breakpoint
ALTER TABLE "endpoint_keys" ADD CONSTRAINT "endpoint_keys_old_sha256_unique" UNIQUE("old_sha256");--> statement-breakpoint
ALTER TABLE "endpoint_keys" ADD CONSTRAINT "endpoint_keys_owner" CHECK (("endpoint_keys"."endpoint_id" is null) <> ("endpoint_keys"."team_id" is null));