import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { CliError } from "../errors.ts";
import { unzip } from "./unzip.ts";

/** No bundle of people has more files; a folder that does was meant for something else. */
const MAX_FILES = 200_000;
const ZIP = /\.zip$/i;

/** The files of another platform's bundle: a folder, of which parts may be packed. Nothing is followed out of it. */
export class BundleFiles {
  constructor(
    readonly folder: string,
    /** Unpacked parts lie here. */
    private readonly scratch: string,
  ) {}

  /**
   * Where a part lies, unpacked: a folder, or a file that is no zip. Throws a `CliError` in words when there is none, or
   * it has links in it.
   */
  async locate(name: string): Promise<string> {
    const path = resolve(this.folder, name);
    const way = relative(this.folder, path);
    if (way.startsWith("..") || way === "") throw new CliError(`"${name}" is not a path inside the bundle`);
    if (!existsSync(path)) throw new CliError(`there is no ${name} in the bundle`);
    if (relative(realpathSync(this.folder), realpathSync(path)).startsWith(".."))
      throw new CliError(`${name} is a link that leads outside of the bundle`);
    refuseLinks(path, name);
    return ZIP.test(name) ? this.#unpacked(path) : path;
  }

  /** Copies a part into a new folder; a file that is alone keeps its name. */
  async copy(name: string, target: string): Promise<void> {
    const path = await this.locate(name);
    if (lstatSync(path).isDirectory()) cpSync(path, target, { recursive: true });
    else {
      mkdirSync(target, { recursive: true });
      cpSync(path, join(target, name.split("/").at(-1) ?? name));
    }
  }

  async #unpacked(path: string): Promise<string> {
    const folder = mkdtempSync(join(this.scratch, "part-"));
    const target = join(folder, "files");
    await unzip(path, target);
    return topFolder(target);
  }
}

/** The one folder that a zip's files lie in, or the place itself. What systems add by themselves doesn't count. */
export function topFolder(folder: string): string {
  const names = readdirSync(folder).filter((name) => name !== "__MACOSX" && name !== ".DS_Store");
  const [only] = names;
  return names.length === 1 && only !== undefined && lstatSync(join(folder, only)).isDirectory()
    ? join(folder, only)
    : folder;
}

function refuseLinks(path: string, name: string): void {
  let files = 0;
  const walk = (at: string, shown: string) => {
    const stats = lstatSync(at);
    if (stats.isSymbolicLink()) throw new CliError(`${shown} is a link: put the file itself there`);
    if (!stats.isDirectory()) {
      if (!stats.isFile()) throw new CliError(`${shown} is neither a file nor a folder`);
      files += 1;
      if (files > MAX_FILES) throw new CliError(`${name} has more than ${MAX_FILES} files`);
      return;
    }
    for (const each of readdirSync(at)) walk(join(at, each), `${shown}/${each}`);
  };
  walk(path, name);
}

/** Moves a folder to a place that is new, or empty. */
export function moveInto(folder: string, target: string): void {
  mkdirSync(dirname(resolve(target)), { recursive: true });
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new CliError(`${target} is not empty. Name a new folder.`);
  try {
    renameSync(folder, target);
  } catch {
    // Another disk.
    cpSync(folder, target, { recursive: true });
  }
}
