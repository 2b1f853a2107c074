import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PRIMARY_KEY } from "@podium/shared";
import { CliError } from "../errors.ts";
import type { BundleFiles } from "./bundle-files.ts";
import type { BundleReader } from "./bundle-reader.ts";
import { wrongDirection } from "./check-direction.ts";
import { checkProgram } from "./check-program.ts";
import type { ImportedBundle, ImportedColumn, ImportedPhase, Named } from "./imported.ts";

type Path = readonly (string | number)[];

export interface Converted {
  /** What `competition.yaml` will say; not checked yet. */
  definition: Record<string, unknown>;
  /** Where in the bundle's own YAML a part of the definition comes from, by its path with dots. */
  origins: Map<string, Path>;
}

/** Copies a bundle's files into the folder of a Podium contest, and says what its definition is. */
export async function convertBundle(
  bundle: ImportedBundle,
  files: BundleFiles,
  target: string,
  reader: BundleReader,
): Promise<Converted> {
  const conversion = new Conversion(bundle, files, target, reader);
  return conversion.run();
}

class Conversion {
  readonly #origins = new Map<string, Path>([["name", ["title"]]]);
  readonly #copied = new Map<string, string>();

  constructor(
    private readonly bundle: ImportedBundle,
    private readonly files: BundleFiles,
    private readonly target: string,
    private readonly reader: BundleReader,
  ) {}

  async run(): Promise<Converted> {
    const { bundle } = this;
    const seconds = Math.max(1, ...bundle.phases.map((phase) => phase.seconds));
    const image = bundle.image ? { image: bundle.image } : {};
    const scorers = await this.#programs("scoring", "scorer");
    const ingestions = await this.#programs("ingestion", "ingestion");
    const [scorer, ingests] = [scorers, ingestions].map((each) => each.find((path) => path !== null));
    this.#requireScorers();
    const definition = {
      version: 1,
      name: slugOf(bundle.title, "contest"),
      title: bundle.title.slice(0, 200),
      ...(bundle.description ? { description: bundle.description } : {}),
      ...(await this.#texts()),
      ...this.#columns(),
      ...(scorer
        ? { scorer: { program: scorer, convention: "codabench", ...image, timeout: `${seconds}s` } }
        : {}),
      ...(ingests ? { ingestion: { program: ingests, ...image } } : {}),
      leaderboard: { counts: bundle.counts, final: bundle.counts },
      rounds: await this.#rounds(scorers, ingestions),
    };
    return { definition, origins: this.#origins };
  }

  /**
   * The programs of one kind, copied: where each phase's lies, null where it has none. The first is the contest's; a phase
   * with another one has that for itself.
   */
  async #programs(kind: "scoring" | "ingestion", target: "scorer" | "ingestion"): Promise<(string | null)[]> {
    const targets = new Map<string, string>();
    const paths: (string | null)[] = [];
    for (const [index, { task }] of this.bundle.phases.entries()) {
      const named = task?.[kind];
      const known = named && targets.get(named.file);
      if (!named || known) {
        paths.push(known ?? null);
        continue;
      }
      const place = targets.size === 0 ? target : `${target}-${targets.size + 1}`;
      const origin = targets.size === 0 ? `${target}.program` : `rounds.${index}.${target}_program`;
      targets.set(named.file, place);
      paths.push(await this.#program(named, place, origin));
    }
    return paths;
  }

  #requireScorers(): void {
    for (const { task, path } of this.bundle.phases)
      if (task && !task.scoring)
        this.reader.problem(path, "has no scoring_program: name the program that writes scores.json");
  }

  async #program(named: Named, target: string, origin: string): Promise<string | null> {
    const path = await this.#copy(named, target);
    if (!path) return null;
    this.#origins.set(origin, named.path);
    for (const message of checkProgram(join(this.target, path))) this.reader.problem(named.path, message);
    return path;
  }

  /** Copies a part of the bundle; what is wrong with it is told at the place that names it. */
  async #copy(named: Named, target: string): Promise<string | null> {
    const known = this.#copied.get(`${named.file}\n${target}`);
    if (known !== undefined) return known;
    try {
      await this.files.copy(named.file, join(this.target, target));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      this.reader.problem(named.path, error.message);
      return null;
    }
    this.#copied.set(`${named.file}\n${target}`, target);
    return target;
  }

  async #texts() {
    const { pages, terms } = this.bundle;
    const names = new Set<string>();
    const written: { name: string; title: string; file: string }[] = [];
    for (const page of pages) {
      const name = unique(slugOf(page.title, "page"), names);
      const file = await this.#text(page, "pages");
      this.#origins.set(`pages.${written.length}`, page.path);
      if (file) written.push({ name, title: page.title.slice(0, 200), file });
    }
    const termsFile = terms && (await this.#text(terms, "terms"));
    if (terms) this.#origins.set("terms", terms.path);
    return {
      ...(written.length > 0 ? { pages: written } : {}),
      ...(termsFile ? { terms: { file: termsFile } } : {}),
    };
  }

  async #text(named: Named, folder: string): Promise<string | null> {
    const place = `${folder}/${this.#copied.size + 1}`;
    return (await this.#copy(named, place)) && `${place}/${named.file.split("/").at(-1)}`;
  }

  #columns() {
    const { columns, primary } = this.bundle;
    const first = columns[primary] ?? columns[0];
    if (!first) return {};
    const keys = new Map<string, string>();
    const taken = new Set([PRIMARY_KEY]);
    for (const { key, path } of columns) {
      if (keys.has(key)) this.reader.problem(path, `"${key}" is there twice`);
      else keys.set(key, unique(slugOf(key, "column"), taken));
    }
    const metricOf = (column: ImportedColumn) => {
      const { key, sorting: order, computed, path } = column;
      const wrong = wrongDirection(column);
      const place = ["sorting", "sort"].map((each) => [...path, each]).find((each) => this.reader.has(each));
      if (wrong) this.reader.problem(place ?? path, wrong);
      if (!computed) return { name: "custom", value: key, order };
      for (const each of computed.of)
        if (!keys.has(each)) this.reader.problem(path, `is computed of "${each}", which is no column`);
      return {
        name: "computed",
        compute: computed.compute,
        of: computed.of.map((each) => keys.get(each) ?? each),
        order,
      };
    };
    const metric = metricOf(first);
    this.#origins.set("metric", first.path);
    // Computed columns name others by their keys; the primary one is then shown under its own, too.
    const needsFirst = columns.some((column) => column.computed?.of.includes(first.key));
    const others = columns.filter((column) => column !== first || needsFirst);
    const written = others.map((column, index) => {
      this.#origins.set(`columns.${index}`, column.path);
      const { key, title, precision, hidden } = column;
      return {
        key: keys.get(key),
        ...(title ? { title: title.slice(0, 100) } : {}),
        metric: column === first ? metric : metricOf(column),
        ...(precision === undefined ? {} : { precision }),
        ...(hidden || column === first ? { hidden: true } : {}),
      };
    });
    return { metric, ...(written.length > 0 ? { columns: written } : {}) };
  }

  async #rounds(scorers: readonly (string | null)[], ingestions: readonly (string | null)[]) {
    const names = new Set<string>();
    const rounds = [];
    const own = (paths: readonly (string | null)[], index: number, key: string) => {
      const [path, first] = [paths[index], paths.find((each) => each !== null)];
      return path && path !== first ? { [key]: path } : {};
    };
    for (const [index, phase] of this.bundle.phases.entries()) {
      const name = unique(slugOf(phase.title, `phase-${index + 1}`), names);
      rounds.push({
        ...(await this.#round(phase, index, name)),
        ...own(scorers, index, "scorer_program"),
        ...own(ingestions, index, "ingestion_program"),
        accepts: [phase.task?.ingestion ? "code" : "predictions"],
      });
    }
    return rounds;
  }

  async #round(phase: ImportedPhase, index: number, name: string) {
    const { task, train } = phase;
    const at = `data/${name}`;
    this.#origins.set(`rounds.${index}`, phase.path);
    const origin = (field: string, named: Named | undefined) =>
      named && this.#origins.set(`rounds.${index}.${field}`, named.path);
    origin("train", train);
    origin("inputs", task?.input);
    origin("labels", task?.reference);
    if (task && !task.reference)
      this.reader.problem(
        phase.path,
        "has no reference_data: name the hidden truth that submissions are compared with",
      );
    const part = async (named: Named | undefined, target: string, otherwise: string) => {
      if (named) return this.#copy(named, target);
      mkdirSync(join(this.target, target), { recursive: true });
      writeFileSync(join(this.target, target, "README.md"), otherwise);
      return target;
    };
    await part(train, `${at}/train`, "The bundle that this contest came from has no public data.\n");
    await part(task?.input, `${at}/inputs`, "The bundle that this contest came from has no input data.\n");
    if (task?.reference) await this.#copy(task.reference, `${at}/labels`);
    return {
      name,
      title: phase.title.slice(0, 200),
      train: `${at}/train`,
      inputs: `${at}/inputs`,
      labels: `${at}/labels`,
      // Only a scorer of the organizer's own reads the labels: it knows what is predicted.
      target_field: "target",
      ...(phase.opens ? { opens_at: phase.opens } : {}),
      ...(phase.closes ? { closes_at: phase.closes } : {}),
      limits: { per_day: phase.perDay, total: Math.max(phase.total, 1), infer_timeout: `${phase.seconds}s` },
    };
  }
}

/** A text as a name for addresses. */
function slugOf(text: string, otherwise: string): string {
  const slug = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 48)
    .replace(/^-+|-+$/g, "");
  return slug === "" ? otherwise : slug;
}

function unique(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}-${count}`;
  taken.add(free);
  return free;
}
