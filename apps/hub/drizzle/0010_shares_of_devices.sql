DROP INDEX "allocations_one_live";--> statement-breakpoint
DROP INDEX "allocations_attempt";--> statement-breakpoint
ALTER TABLE "devices" ADD COLUMN "held_milli" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "nodes" ADD COLUMN "draining" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "allocations" ADD COLUMN "milli" integer DEFAULT 1000 NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "preemptible" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "allocations_once" ON "allocations" USING btree ("attempt_id","device_id");--> statement-breakpoint
CREATE INDEX "allocations_live" ON "allocations" USING btree ("device_id") WHERE "allocations"."released_at" is null;--> statement-breakpoint
ALTER TABLE "devices" ADD CONSTRAINT "devices_held_once" CHECK ("devices"."held_milli" between 0 and 1000);--> statement-breakpoint
ALTER TABLE "allocations" ADD CONSTRAINT "allocations_milli" CHECK ("allocations"."milli" between 1 and 1000);--> statement-breakpoint
-- By hand from here. Invariant 1: the live allocations of a device never hold more than all of it. Each of them is added
-- to its device's row, whose lock makes transactions that reach for the same device take turns, and whose check decides.
UPDATE "devices" SET "held_milli" = 1000 WHERE "id" IN (SELECT "device_id" FROM "allocations" WHERE "released_at" IS NULL);
--> statement-breakpoint
CREATE FUNCTION allocations_hold_devices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.released_at IS NULL THEN
    UPDATE devices SET held_milli = held_milli - OLD.milli WHERE id = OLD.device_id;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.released_at IS NULL THEN
    UPDATE devices SET held_milli = held_milli + NEW.milli WHERE id = NEW.device_id;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER allocations_hold_devices AFTER INSERT OR UPDATE OR DELETE ON allocations
  FOR EACH ROW EXECUTE FUNCTION allocations_hold_devices();
--> statement-breakpoint
-- What was asked for before there were shares is for whole devices.
UPDATE "sessions" SET "resources" = "resources" || '{"gpu_milli": 1000}' WHERE NOT "resources" ? 'gpu_milli';
