import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { LoadFailure } from "./load-failure.ts";

/** What a protobuf message, and so an ONNX file, can hold. */
const MAX_MODEL_BYTES = 2 * 1024 ** 3 - 1;
/** Files that are named when the model is none of them. */
const MOST_NAMED = 10;

/** Path of the model's file inside its folder. Throws `LoadFailure` when there is none that can be a model. */
export async function findModel(folder: string, file: string): Promise<string> {
  const [root, path] = await Promise.all([realpath(folder), realpath(join(folder, file)).catch(() => null)]);
  const status = path?.startsWith(root + sep) ? await stat(path) : null;
  if (!path || !status?.isFile()) {
    const files = (await readdir(folder)).sort().slice(0, MOST_NAMED);
    throw new LoadFailure(`There is no file ${file}.`, `There are: ${files.join(", ") || "none"}.`);
  }
  if (status.size === 0) throw new LoadFailure(`${file} is empty.`, "Export the model again.");
  if (status.size > MAX_MODEL_BYTES)
    throw new LoadFailure(
      `${file} has ${status.size} bytes; an ONNX file holds less than 2 GiB.`,
      "Save the weights as external data beside it, and upload the folder.",
    );
  return path;
}
