import { DomainError, type Id, type Visibility } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { insertDataset } from "./store.ts";

interface NewDataset {
  teamId: string;
  name: string;
  description: string;
  visibility: Visibility;
  tags?: string[] | undefined;
}

/** Makes an empty dataset of a team. @throws DomainError `conflict` when the team has one of this name */
export async function createDataset(ctx: Context, tx: Tx, input: NewDataset): Promise<Id<"dataset">> {
  const { tags = [], ...rest } = input;
  const id = ctx.ids.next("dataset");
  const createdBy = ctx.actor.kind === "user" ? ctx.actor.userId : null;
  if (!(await insertDataset(tx, { id, ...rest, tags, createdBy, createdAt: ctx.clock.now() }))) {
    throw new DomainError(
      "conflict",
      `Your team has a dataset called "${input.name}" already. Push a new version of it instead.`,
    );
  }
  return id;
}
