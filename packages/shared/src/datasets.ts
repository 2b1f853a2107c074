import { z } from "zod";
import { sha256Schema, treePathSchema } from "./data.ts";
import { idSchema } from "./ids.ts";
import { slugSchema } from "./slug.ts";

export const visibilitySchema = z.enum(["public", "team", "private"]);
export type Visibility = z.infer<typeof visibilitySchema>;

/** One word or short phrase in any script; two Unicode forms or two cases of it are the same tag. */
export const tagSchema = z
  .string()
  .trim()
  .toLowerCase()
  .normalize("NFC")
  .min(1)
  .max(40)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}\p{M} ._:/+-]*$/u,
    "must be letters and digits, with spaces or . _ : / + - between",
  );

export const MAX_TAGS = 20;
/** Tags in the order given, each once. */
const tagsSchema = z
  .array(tagSchema)
  .max(MAX_TAGS)
  .overwrite((tags) => [...new Set(tags)]);

const descriptionSchema = z.string().max(2000);
const instantSchema = z.iso.datetime({ offset: true });

export const datasetSchema = z
  .object({
    id: idSchema("dataset"),
    team: z.string(),
    name: slugSchema,
    description: z.string(),
    visibility: visibilitySchema,
    tags: z.array(z.string()),
    author: z.string().nullable().describe("Display name of who made it"),
    latest_version: z.number().int().nonnegative().describe("0: it has no version"),
    size_bytes: z.number().int().describe("Of the latest version"),
    files: z.number().int().describe("Of the latest version"),
    created_at: instantSchema,
    modified_at: instantSchema.describe(
      "When its latest version was pushed; when it was made while it has none",
    ),
    last_access_at: instantSchema
      .nullable()
      .describe("When a session last mounted it or somebody pulled it, to the minute"),
  })
  .meta({ id: "Dataset" });
export type Dataset = z.infer<typeof datasetSchema>;

export const datasetVersionSchema = z
  .object({
    id: idSchema("datasetVersion"),
    number: z.number().int().positive(),
    tree_id: sha256Schema,
    size_bytes: z.number().int(),
    files: z.number().int(),
    author: z.string().nullable().describe("Display name of who pushed it"),
    note: z.string(),
    created_at: instantSchema,
  })
  .meta({ id: "DatasetVersion" });
export type DatasetVersion = z.infer<typeof datasetVersionSchema>;

export const createDatasetSchema = z.strictObject({
  team: slugSchema.optional(),
  name: slugSchema,
  description: descriptionSchema.default(""),
  visibility: visibilitySchema.default("team"),
  tags: tagsSchema.optional(),
});

export const editDatasetSchema = z
  .strictObject({
    description: descriptionSchema.optional(),
    visibility: visibilitySchema.optional(),
    tags: tagsSchema.optional().describe("All of its tags from now on"),
  })
  .refine((changes) => Object.values(changes).some((value) => value !== undefined), {
    message: "must name something to change: description, visibility or tags",
  });

export const renameDatasetSchema = z.strictObject({ name: slugSchema.describe("Its name from now on") });

export const addVersionSchema = z.strictObject({
  tree_id: sha256Schema,
  note: z.string().max(500).default("").describe("What is new in it"),
});

export const datasetSortSchema = z.enum(["name", "size", "last_access", "created"]);
export type DatasetSort = z.infer<typeof datasetSortSchema>;

export const fileChangeSchema = z.enum(["added", "removed", "changed", "renamed", "mode_changed"]);
export type FileChangeKind = z.infer<typeof fileChangeSchema>;

const fileSideSchema = z.object({
  size_bytes: z.number().int(),
  executable: z.boolean(),
});

/** One file that differs. A renamed one has the same bytes under another path. */
export const datasetChangeSchema = z
  .object({
    path: treePathSchema,
    change: fileChangeSchema,
    old_path: treePathSchema.nullable().describe("Of a renamed file"),
    before: fileSideSchema.nullable().describe("null: it was not there"),
    after: fileSideSchema.nullable().describe("null: it is gone"),
  })
  .meta({ id: "DatasetChange" });
export type DatasetChange = z.infer<typeof datasetChangeSchema>;

const totalSchema = z.object({
  files: z.number().int(),
  bytes: z.number().int().describe("Of a removed file its own, of every other what it has now"),
});

export const datasetDiffSchema = z
  .object({
    from: z.number().int(),
    to: z.number().int(),
    totals: z.object({
      added: totalSchema,
      removed: totalSchema,
      changed: totalSchema,
      renamed: totalSchema,
      mode_changed: totalSchema,
      unchanged: totalSchema,
    }),
    items: z.array(datasetChangeSchema),
    next: z.string().nullable(),
  })
  .meta({ id: "DatasetDiff" });
export type DatasetDiff = z.infer<typeof datasetDiffSchema>;
