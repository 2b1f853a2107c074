import { z } from "zod";
import { alertKindSchema } from "./events.ts";
import { idSchema } from "./ids.ts";

/** Something that is not as it should be with a session, for as long as it is so. */
export const sessionAlertSchema = z
  .object({
    id: idSchema("alert"),
    kind: alertKindSchema,
    text: z.string(),
    raised_at: z.iso.datetime({ offset: true }),
  })
  .meta({ id: "SessionAlert" });
