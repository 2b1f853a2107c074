import { z } from "zod";
import type { TreeEntry } from "./data.ts";

/** Raised whenever the same files would be built into something else, so that no older build is taken for a new one. */
const RECIPE = 1;
const MAX_REFERENCE = 255;

const NAME = "[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*";
const REFERENCE = new RegExp(
  `^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/)?${NAME}(?:/${NAME})*` +
    "(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$",
);

/** A container image as `docker pull` takes it: `[registry[:port]/]name[:tag][@sha256:…]`. */
export const imageSchema = z
  .string()
  .max(MAX_REFERENCE, `may have at most ${MAX_REFERENCE} characters`)
  .regex(REFERENCE, "must name an image, such as python:3.12 or registry.example.org/team/image:tag");

/** One name for each image, however it is written: Docker's own registry goes without saying, the tag does not. */
export function normalImage(reference: string): string {
  const short = reference.replace(/^(?:index\.)?docker\.io\/(?:library\/)?/, "");
  const name = short.slice(short.lastIndexOf("/") + 1);
  return /[:@]/.test(name) ? short : `${short}:latest`;
}

/** The image that the first line of a setup.py or requirements.txt asks for (`#nsml: IMAGE`), or null. */
export function nsmlImage(text: string): string | null {
  const [first = ""] = text.replace(/^\uFEFF/, "").split(/\r?\n/, 1);
  return /^#\s*nsml\s*:\s*([\x21-\x7e]+)/i.exec(first)?.[1]?.slice(0, MAX_REFERENCE) ?? null;
}

/** The files that may begin with an `#nsml:` line; the first that does counts. */
export const IMAGE_FILES = ["setup.py", "requirements.txt"] as const;
/** What there must be one of, or there is nothing to install. */
const INSTALLED = ["setup.py", "requirements.txt", "nsml_package.txt"];
/** What those may refer to. */
const REFERRED_TO =
  /^(?:requirements[^/]*\.txt|constraints[^/]*\.txt|setup\.py|setup\.cfg|pyproject\.toml|nsml_package\.txt|(?:.*\/)?[^/]+\.whl)$/;

/**
 * The files of a code tree that say what is to be installed, sorted by path; none when nothing is. A build sees these
 * and no others: what has no part in the environment's name can't have one in the environment.
 */
export function environmentFiles<Entry extends Pick<TreeEntry, "path">>(entries: readonly Entry[]): Entry[] {
  const paths = new Set(entries.map(({ path }) => path));
  if (!INSTALLED.some((path) => paths.has(path))) return [];
  const isNeeded = (path: string) =>
    REFERRED_TO.test(path) || (paths.has("setup.py") && /^README[^/]*$/i.test(path));
  return entries.filter(({ path }) => isNeeded(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The text whose SHA-256 is the key of an environment; null when nothing is to be installed. */
export function environmentManifest(
  image: string | null,
  entries: readonly Pick<TreeEntry, "path" | "sha256" | "mode">[],
): string | null {
  const files = environmentFiles(entries);
  if (files.length === 0) return null;
  const lines = files.map(({ path, sha256, mode }) => `${mode.toString(8)} ${sha256} ${path}\n`);
  return `podium environment ${RECIPE}\nimage ${image ?? "-"}\n${lines.join("")}`;
}
