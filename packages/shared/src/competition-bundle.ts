import { z } from "zod";
import { bundlePathSchema } from "./bundle-path.ts";
import { columnMetricSchema, columnSchema, PRIMARY_KEY } from "./column-definition.ts";
import { durationSchema } from "./duration.ts";
import { isDecomposable } from "./metrics.ts";
import { roundDefinitionSchema } from "./round-definition.ts";
import { slugSchema } from "./slug.ts";

/** Text in Markdown: a file of the bundle there, its content in what is sent to the hub. */
const textSchema = {
  file: bundlePathSchema.optional(),
  content: z.string().max(200_000).optional(),
};

const pageSchema = z.strictObject({ name: slugSchema, title: z.string().min(1).max(200), ...textSchema });

const scorerSchema = z
  .strictObject({
    program: bundlePathSchema.describe("Folder with the scoring program"),
    convention: z
      .enum(["nsml", "codabench"])
      .describe("nsml: evaluation.py (and data_loader.py); codabench: metadata.yaml with a command"),
    image: z.string().min(1).max(300).optional(),
    timeout: durationSchema.default("10m"),
    memory_bytes: z
      .number()
      .int()
      .positive()
      .default(2 * 1024 ** 3),
  })
  .describe("The organizer's own scorer, run in a sandbox. Omitted: the built-in metrics");

const eligibilitySchema = z
  .strictObject({
    emails: z
      .array(
        z
          .string()
          .max(200)
          .regex(/^(\*|[^@\s*]+)@[^@\s*]+$/, "must be an address, or *@ and a domain"),
      )
      .max(1000)
      .optional()
      .describe("Every member's address must be one of these: `*@uni.example` or a whole address"),
    teams: z.array(slugSchema).max(1000).optional().describe("Only these teams may join"),
    join_until: z.iso
      .datetime({ offset: true })
      .optional()
      .describe("Omitted: until the first round has closed"),
  })
  .describe("Who may take part; omitted: everybody");

const teamsSchema = z.strictObject({
  max_members: z.number().int().positive().max(1000).default(5),
  merges: z
    .boolean()
    .default(true)
    .describe("Whether entrants may merge: together they may have made what the limits allow one of them"),
  locked_at: z.iso.datetime({ offset: true }).optional().describe("From then on teams stay as they are"),
});

const leaderboardSchema = z.strictObject({
  counts: z
    .enum(["best", "last"])
    .default("best")
    .describe("Which of an entrant's submissions the live board shows"),
  final: z
    .union([z.enum(["best", "last"]), z.strictObject({ selected: z.number().int().positive().max(100) })], {
      error: "must be best, last or {selected: 2}",
    })
    .default("best")
    .describe("Which submissions the final board counts; selected: the best of those the entrant chose"),
  visible_to: z.enum(["everybody", "entrants", "organizer"]).default("everybody"),
  history: z
    .enum(["private", "open"])
    .default("private")
    .describe("Whether entrants see one another's submissions"),
  ladder: z
    .boolean()
    .default(false)
    .describe("Show a score only once it is better by more than chance (parameter-free Ladder)"),
  intervals: z.boolean().default(false).describe("Show intervals of the ranks, by paired bootstrap"),
  reveal: z
    .enum(["automatic", "by_hand"])
    .default("automatic")
    .describe("When a round has closed: show the final board, or wait for the organizer"),
});

/** `competition.yaml`, version 1. Published as JSON Schema for editors. */
export const competitionDefinitionSchema = z
  .strictObject({
    version: z.literal(1),
    name: slugSchema,
    title: z.string().min(1).max(200),
    description: z.string().max(20_000).default(""),
    pages: z.array(pageSchema).max(30).default([]).describe("Further pages, in Markdown"),
    terms: z.strictObject(textSchema).optional().describe("What an entrant has to agree to"),
    eligibility: eligibilitySchema.optional(),
    teams: teamsSchema.prefault({}),
    metric: columnMetricSchema.describe(
      `What ranks the entrants; its column on the board is called "${PRIMARY_KEY}"`,
    ),
    columns: z
      .array(columnSchema)
      .max(20)
      .default([])
      .describe("Further metrics, shown beside the primary one"),
    tie_breaks: z
      .array(slugSchema)
      .max(20)
      .default([])
      .describe(
        "Columns that decide between equal scores, in order; then the earlier submission is shown first",
      ),
    scorer: scorerSchema.optional(),
    ingestion: z
      .strictObject({ program: bundlePathSchema, image: z.string().min(1).max(300).optional() })
      .optional()
      .describe("Codabench's ingestion program, run with the code of submissions of kind `code`"),
    leaderboard: leaderboardSchema.prefault({}),
    advance: z
      .enum(["automatic", "by_hand"])
      .default("automatic")
      .describe("When a round has closed: survivors enter the next at once, or when the organizer says so"),
    failed_submissions: z
      .strictObject({
        refund: z.boolean().default(true),
        per_day: z.number().int().nonnegative().default(5).describe("Failures a day that cost nothing"),
      })
      .prefault({}),
    rounds: z.array(roundDefinitionSchema).min(1).max(50),
  })
  .superRefine((definition, context) => {
    for (const { path, message } of contradictions(definition))
      context.addIssue({ code: "custom", path, message });
  })
  .meta({ id: "CompetitionDefinition" });

export type CompetitionDefinition = z.infer<typeof competitionDefinitionSchema>;

interface Contradiction {
  path: (string | number)[];
  message: string;
}

/** What no field can say of itself: names used twice, columns that aren't there, times in the wrong order. */
function contradictions(definition: {
  rounds: {
    name: string;
    opens_at?: string | undefined;
    closes_at?: string | undefined;
    scorer_program?: string | undefined;
    ingestion_program?: string | undefined;
  }[];
  columns: z.output<typeof columnSchema>[];
  pages: { name: string }[];
  metric: z.output<typeof columnMetricSchema>;
  tie_breaks: string[];
  leaderboard: { ladder: boolean; intervals: boolean };
  scorer?: unknown;
  ingestion?: unknown;
}): Contradiction[] {
  const { rounds, columns, pages, metric, tie_breaks } = definition;
  const keys = new Set([PRIMARY_KEY, ...columns.map(({ key }) => key)]);
  const found: Contradiction[] = [
    ...usedTwice(
      rounds.map(({ name }) => name),
      (index) => ["rounds", index, "name"],
    ),
    ...usedTwice(
      pages.map(({ name }) => name),
      (index) => ["pages", index, "name"],
    ),
    ...usedTwice([PRIMARY_KEY, ...columns.map(({ key }) => key)], (index) => ["columns", index - 1, "key"]),
  ];
  for (const [index, key] of tie_breaks.entries())
    if (!keys.has(key)) found.push({ path: ["tie_breaks", index], message: `there is no column "${key}"` });
  for (const key of ["ladder", "intervals"] as const)
    if (definition.leaderboard[key] && !hasLosses(metric))
      found.push({
        path: ["leaderboard", key],
        message: `needs a metric that is a mean of one loss per row, and ${metric.name} is none`,
      });
  for (const [metricOf, path] of [
    [metric, ["metric"]] as const,
    ...columns.map((column, index) => [column.metric, ["columns", index, "metric"]] as const),
  ]) {
    if (metricOf.name === "custom" && definition.scorer === undefined)
      found.push({ path: [...path, "name"], message: "custom takes a `scorer` of yours, and there is none" });
    if (metricOf.name !== "computed") continue;
    for (const [index, key] of metricOf.of.entries()) {
      const other = columns.find((column) => column.key === key);
      if (!other) found.push({ path: [...path, "of", index], message: `there is no column "${key}"` });
      else if (other.metric.name === "computed")
        found.push({ path: [...path, "of", index], message: `"${key}" is computed itself` });
    }
  }
  for (const [index, round] of rounds.entries()) {
    for (const kind of ["scorer", "ingestion"] as const)
      if (round[`${kind}_program`] !== undefined && definition[kind] === undefined)
        found.push({
          path: ["rounds", index, `${kind}_program`],
          message: `takes the place of \`${kind}.program\`, and there is no \`${kind}\``,
        });
    if (round.opens_at && round.closes_at && new Date(round.closes_at) <= new Date(round.opens_at))
      found.push({ path: ["rounds", index, "closes_at"], message: "is not after opens_at" });
    const before = rounds[index - 1]?.closes_at;
    if (before && round.opens_at && new Date(round.opens_at) < new Date(before))
      found.push({
        path: ["rounds", index, "opens_at"],
        message:
          "is before the round before it closes: move one of both, or leave it out to open when that one closes",
      });
  }
  return found;
}

const hasLosses = (metric: z.output<typeof columnMetricSchema>) =>
  metric.name !== "custom" && metric.name !== "computed" && isDecomposable(metric);

function usedTwice(
  names: readonly string[],
  pathOf: (index: number) => (string | number)[],
): Contradiction[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? [{ path: pathOf(index), message: `"${name}" is used twice` }] : [],
  );
}
