import { z } from "zod";

/** A name that appears in addresses: lower-case letters, digits and hyphens. */
export const slugSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/, "must be 1–64 lower-case letters, digits or hyphens")
  .describe("Lower-case letters, digits and hyphens");
