CREATE TABLE "entrant_members" (
	"competition_id" text NOT NULL,
	"user_id" text NOT NULL,
	"entrant_id" text NOT NULL,
	"added_at" timestamp with time zone NOT NULL,
	CONSTRAINT "entrant_members_competition_id_user_id_pk" PRIMARY KEY("competition_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "invitations" ADD COLUMN "mailed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "entrant_members" ADD CONSTRAINT "entrant_members_competition_id_competitions_id_fk" FOREIGN KEY ("competition_id") REFERENCES "public"."competitions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entrant_members" ADD CONSTRAINT "entrant_members_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "entrant_members" ADD CONSTRAINT "entrant_members_entrant_id_entrants_id_fk" FOREIGN KEY ("entrant_id") REFERENCES "public"."entrants"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "entrant_members_of" ON "entrant_members" USING btree ("entrant_id");--> statement-breakpoint
CREATE INDEX "entrant_members_user" ON "entrant_members" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "invitations_team" ON "invitations" USING btree ("team_id","id");--> statement-breakpoint
CREATE INDEX "invitations_email" ON "invitations" USING btree ("email");--> statement-breakpoint
CREATE INDEX "invitations_inviter" ON "invitations" USING btree ("inviter_id","created_at");--> statement-breakpoint
-- Who takes part so far; of somebody with several teams in a contest, the one that entered first counts.
INSERT INTO "entrant_members" ("competition_id", "user_id", "entrant_id", "added_at")
  SELECT e."competition_id", m."user_id", e."id", e."joined_at" FROM "entrants" e JOIN "members" m ON m."team_id" = e."team_id"
  ORDER BY e."joined_at", e."id" ON CONFLICT DO NOTHING;
