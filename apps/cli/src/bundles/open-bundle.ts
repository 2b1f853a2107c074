import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cli } from "../cli.ts";
import { refuse } from "../competition-bundle.ts";
import { describeFindings } from "../yaml-file.ts";
import { type LintedBundle, lintBundle } from "./lint-bundle.ts";

/** Works with what a bundle is linted to, in a folder that is gone afterwards. */
export async function withLinted<T>(path: string, work: (linted: LintedBundle) => Promise<T>): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), "podium-bundle-"));
  try {
    return await work(await lintBundle(path, scratch));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Works with a contest that has no problem, whatever platform it was written for. Throws a `CliError` that lists every
 * problem of another; what is only to be known goes to stderr.
 */
export async function openBundle(
  cli: Cli,
  path: string,
  work: (contest: NonNullable<LintedBundle["contest"]>) => Promise<void>,
): Promise<void> {
  await withLinted(path, async ({ file, findings, contest }) => {
    if (contest === null) throw refuse(file, findings);
    if (findings.length > 0) cli.out.note(describeFindings(file, findings));
    await work(contest);
  });
}
