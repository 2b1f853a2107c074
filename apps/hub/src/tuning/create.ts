import type { createStudySchema, Id } from "@podium/shared";
import type { z } from "zod";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { specOf } from "../sessions/index.ts";
import { advanceStudy } from "./advance.ts";
import { sampleArguments } from "./sample.ts";
import { insertStudy } from "./store.ts";

/** Makes a study with all its trials drawn, and starts the first of them. @throws DomainError as for a session */
export async function createStudy(
  ctx: Context,
  tx: Tx,
  input: z.infer<typeof createStudySchema>,
): Promise<Id<"study">> {
  const spec = await specOf(ctx, tx, input.session);
  const id = ctx.ids.next("study");
  const draws = sampleArguments(input.space, input.trials, input.seed);
  await insertStudy(
    tx,
    {
      id,
      teamId: spec.team.id,
      createdBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
      state: "running",
      objective: input.objective,
      parallel: input.parallel,
      spec,
      createdAt: ctx.clock.now(),
    },
    draws.map((args, index) => ({
      id: ctx.ids.next("trial"),
      studyId: id,
      number: index + 1,
      args,
      state: "waiting" as const,
    })),
  );
  await advanceStudy(ctx, tx, id, "throw");
  return id;
}
