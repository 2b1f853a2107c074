import { z } from "zod";

/** A path relative to the folder of `competition.yaml`. */
export const bundlePathSchema = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), {
    message: "must be a path inside the bundle's folder",
  });
