import { competitionJsonSchema } from "@podium/shared";

interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  default?: unknown;
  description?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  pattern?: string;
  format?: string;
}

interface Row {
  path: string;
  type: string;
  otherwise: string;
  meaning: string;
}

const INTRO = `# competition.yaml

Every field of version 1, made from its schema by \`npm run generate\`. Unknown fields are refused: a misspelled one is
no field. Paths are relative to the file, use \`/\`, and stay inside of its folder. Times have an offset
(\`2026-01-31T12:00:00Z\`, \`…+02:00\`); durations are a number and a unit (\`30s\`, \`10m\`, \`2h\`, \`1d\`).

Editors check and complete it by [competition.schema.json](competition.schema.json); a hub serves the same at
\`/schemas/competition.json\`, without a login. Put this first:

\`\`\`yaml
# yaml-language-server: $schema=https://YOUR-HUB/schemas/competition.json
\`\`\`

\`podium competition lint FOLDER\` finds what no schema can: names used twice, times in the wrong order, columns, weights,
splits and ids that the tables don't have. How to write a contest: [the organizer's guide](../guides/organizer.md).
`;

/** docs/reference/competition-yaml.md: a table of all fields, and one of the metrics with their options. */
export function competitionYamlPage(): string {
  const root = competitionJsonSchema() as Schema;
  const defs = root.$defs ?? {};
  const page = new Page(defs);
  const fields = page.rows(page.resolve(root), "");
  return [
    INTRO,
    "## Fields\n",
    "A field without a default is needed where the table says so. `[]` stands for each item of a list.\n",
    tableOf(["Field", "Value", "Default", "Meaning"], fields.map(cells)),
    "\n## Metrics\n",
    "What may stand beside `name` in `metric` and `columns[].metric`. All built-in metrics also take `target_field`,",
    "`prediction_field` and `weight_field`, columns of the tables.\n",
    tableOf(["name", "Options"], page.metrics()),
    "",
  ].join("\n");
}

class Page {
  constructor(private readonly defs: Record<string, Schema>) {}

  resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    const { $ref, ...own } = schema;
    return { ...this.defs[$ref.split("/").at(-1) ?? ""], ...own };
  }

  rows(schema: Schema, prefix: string): Row[] {
    return Object.entries(schema.properties ?? {}).flatMap(([key, given]) => {
      const value = this.resolve(given);
      const path = `${prefix}${key}`;
      const needed = schema.required?.includes(key) ? "(needed)" : "";
      const { default: standard } = value;
      const otherwise = isTold(standard) ? `\`${JSON.stringify(standard)}\`` : needed;
      const own = { path, type: this.#type(value), otherwise, meaning: value.description ?? "" };
      return [own, ...this.#below(key, value, path)];
    });
  }

  /** Fields inside of a value. Metrics have a table of their own. */
  #below(key: string, value: Schema, path: string): Row[] {
    if (key === "metric") return [];
    if (value.items) return this.rows(this.resolve(value.items), `${path}[].`);
    if (value.properties) return this.rows(value, `${path}.`);
    return (value.anyOf ?? []).flatMap((each) => this.rows(this.resolve(each), `${path}.`));
  }

  #type(value: Schema): string {
    if (value.const !== undefined) return `\`${value.const}\``;
    if (value.enum) return value.enum.map((each) => `\`${each}\``).join(", ");
    const variants = value.anyOf ?? value.oneOf;
    if (variants?.some((each) => each.oneOf || each.$ref)) return "a metric";
    if (variants) return variants.map((each) => this.#type(this.resolve(each))).join(" or ");
    if (value.items) return `list of ${this.#type(this.resolve(value.items))}`;
    const names = Object.keys(value.properties ?? {});
    if (names.length > 0) return names.length > 2 ? "fields" : `{${names.join(", ")}}`;
    if (value.format === "date-time") return "time";
    if (value.pattern?.includes("ms|s|m|h|d")) return "duration";
    const from = value.minimum ?? value.exclusiveMinimum;
    const { maximum: to } = value;
    const large = to === undefined || to === Number.MAX_SAFE_INTEGER;
    const number = value.type === "integer" ? "whole number" : value.type;
    return number === "string" || number === undefined || from === undefined || from < -1e9
      ? (number ?? "anything").replace("string", "text")
      : `${number}, ${value.minimum === undefined ? "above" : "from"} ${from}${large ? "" : ` to ${to}`}`;
  }

  metrics(): string[][] {
    const found: string[][] = [];
    const walk = (schema: Schema) => {
      for (const each of schema.oneOf ?? schema.anyOf ?? []) walk(this.resolve(each));
      const name = schema.properties?.["name"]?.const;
      if (name === undefined) return;
      const options = this.rows(schema, "").filter(
        ({ path }) => !["name", "target_field", "prediction_field", "weight_field"].includes(path),
      );
      const text = options.map(
        ({ path, type, otherwise }) => `\`${path}\`: ${type}${otherwise && `; ${otherwise}`}`,
      );
      found.push([`\`${name}\``, text.join("<br>")]);
    };
    walk(this.resolve(this.resolve({ $ref: "#/$defs/CompetitionDefinition" }).properties?.["metric"] ?? {}));
    return found;
  }
}

/** A default that is an object, or empty, says what its own fields say. */
const isTold = (standard: unknown) =>
  Array.isArray(standard)
    ? standard.length > 0
    : standard !== undefined && standard !== "" && typeof standard !== "object";

const cells = ({ path, type, otherwise, meaning }: Row) => [`\`${path}\``, type, otherwise, meaning];

function tableOf(titles: string[], rows: string[][]): string {
  const line = (row: string[]) =>
    `| ${row.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}
