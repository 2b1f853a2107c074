import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { BuildFailed } from "./build-failed.ts";
import type { BuildInput } from "./build-input.ts";
import { runStep } from "./build-step.ts";
import { makeLog } from "./make-log.ts";
import { readList } from "./read-list.ts";
import { tellingLine } from "./telling-line.ts";

const FILE = "nsml_package.txt";
/** Names and versions as Debian's policy has them; nothing that apt-get could take for an option. */
const PACKAGE = /^[A-Za-z0-9][A-Za-z0-9+.:-]*(?:=[A-Za-z0-9.+:~-]+)?$/;

/**
 * The image with the Debian packages of nsml_package.txt; the image itself where there are none to add, or where
 * sessions run on the machine's own files. @throws BuildFailed
 */
export async function addPackages(input: BuildInput): Promise<string | null> {
  const { executor, folder, image, key, marker, settings } = input;
  const { packages } = executor;
  const text = await readList(join(folder, "files"), FILE);
  if (packages === null || image === null || text === null) return image;
  const names = packageNames(text);
  if (names.length === 0) return image;

  const own = join(folder, "packages");
  await mkdir(own, { recursive: true, mode: 0o700 });
  const log = await makeLog(join(own, "build.log"), null);
  const { network, memory_bytes, max_processes } = settings;
  let made: string | null = null;
  const { last } = await runStep(input, {
    log,
    start: () =>
      packages.start({
        ...{ attempt_id: marker, folder: own, output_log: log },
        ...{ image, names, network, memory_bytes, max_processes },
      }),
    size: (launched) => packages.size(launched),
    onGone: async (launched) => {
      made = await packages.keep(launched, key);
    },
  });
  if (made === null) throw new BuildFailed(tellingLine(last, { name: FILE, text }));
  return made;
}

function packageNames(text: string): string[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const names = (line.split("#")[0] ?? "").split(/\s+/).filter((name) => name !== "");
    const odd = names.find((name) => !PACKAGE.test(name));
    if (odd === undefined) return names;
    throw new BuildFailed(`${FILE} line ${index + 1}: "${odd}" can't be the name of a Debian package.`);
  });
}
