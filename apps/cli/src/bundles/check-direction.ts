import { METRICS } from "@podium/shared";
import type { ImportedColumn } from "./imported.ts";

/** Further words for what is better when it is smaller, or larger. */
const SMALLER = ["error", "loss", "perplexity", "logloss", "nll", "deviation", "fid"];
const LARGER = [
  "auc",
  "auroc",
  "bleu",
  "rouge",
  "iou",
  "map",
  "ndcg",
  "dice",
  "psnr",
  "ssim",
  "specificity",
  "sensitivity",
];

/** Which way a column sorts by its name; null when the name tells nothing, or two things. */
function expected(name: string): "ascending" | "descending" | null {
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  const joined = words.join("_");
  const found = new Set<"ascending" | "descending">();
  for (const [metric, { direction }] of Object.entries(METRICS))
    if (words.includes(metric) || joined === metric) found.add(direction);
  if (SMALLER.some((word) => words.includes(word))) found.add("ascending");
  if (LARGER.some((word) => words.includes(word))) found.add("descending");
  return found.size === 1 ? ([...found][0] ?? null) : null;
}

/** Says that a column sorts against its name, and what to write; null when it doesn't. */
export function wrongDirection({ key, title, sorting }: ImportedColumn): string | null {
  const wanted = expected(key) ?? expected(title);
  if (wanted === null || wanted === sorting) return null;
  const [better, word] = wanted === "ascending" ? ["smaller", "asc"] : ["larger", "desc"];
  return `"${key}" is better when it is ${better}, and the worst would lead: write ${word}. If it is meant so, call it otherwise`;
}
