/** What one group of tests came to. */
export interface Results {
  passed: number;
  failed: number;
  skipped: number;
  /** Names of what failed, as people find them again. */
  failures: string[];
  /** `what: why` of what was skipped. */
  skips: string[];
}

export const NO_RESULTS: Results = { passed: 0, failed: 0, skipped: 0, failures: [], skips: [] };

export function addResults(all: Results[]): Results {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    skipped: all.reduce((sum, { skipped }) => sum + skipped, 0),
    failures: all.flatMap(({ failures }) => failures),
    skips: [...new Set(all.flatMap(({ skips }) => skips))],
  };
}

/**
 * Reads bun's JUnit file. A run that ended badly without a failed test (a file that can't be loaded, a crash)
 * counts as one failure, so that it can't pass unseen.
 */
export function readJunit(xml: string, exitCode: number, output: string, group: string): Results {
  const cases = [...xml.matchAll(/<testcase\b([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)].map((match) => {
    const [, attributes = "", , body = ""] = match;
    return {
      name: testName(attributes),
      failed: /<(failure|error)\b/.test(body),
      skipped: body.includes("<skipped"),
    };
  });
  const failures = cases.filter(({ failed }) => failed).map(({ name }) => name);
  failures.push(...errorsOutsideTests(output));
  if (exitCode !== 0 && failures.length === 0) {
    failures.push(`${group}: bun test ended with exit code ${exitCode} (see its output above)`);
  }
  const skipped = cases.filter((entry) => entry.skipped).length;
  const skips = [...output.matchAll(/^SKIPPED: (.+)$/gm)].map(([, what = ""]) => what);
  return {
    passed: cases.filter((entry) => !entry.failed && !entry.skipped).length,
    failed: failures.length,
    skipped,
    failures,
    skips:
      skipped > 0 && skips.length === 0
        ? [`${skipped} in ${group}: marked as skipped in the test itself`]
        : skips,
  };
}

/** Errors between tests (a file that can't be loaded) stand in no report, only in the output under the file's name. */
function errorsOutsideTests(output: string): string[] {
  let file = "";
  return output.split("\n").flatMap((line) => {
    file = /^(\S+\.test\.tsx?):$/.exec(line)?.[1] ?? file;
    return line.startsWith("# Unhandled error between tests")
      ? [`${file}: error between tests (see above)`]
      : [];
  });
}

/** Reads the closing lines of Python's unittest. */
export function readUnittest(output: string, exitCode: number): Results {
  const ran = Number(/^Ran (\d+) tests?/m.exec(output)?.[1] ?? 0);
  const closing = output.slice(output.search(/^Ran \d+ tests?/m));
  const count = (what: string) => Number(new RegExp(`\\b${what}=(\\d+)`).exec(closing)?.[1] ?? 0);
  const failures = [...output.matchAll(/^(?:FAIL|ERROR): (.+)$/gm)].map(([, name = ""]) => `python: ${name}`);
  if (exitCode !== 0 && failures.length === 0)
    failures.push(`python: unittest ended with exit code ${exitCode}`);
  const skips = [...output.matchAll(/^(\S+ \(.+?\)).*\.\.\. skipped ['"](.+)['"]$/gm)].map(
    ([, name, why]) => `${name}: ${why}`,
  );
  const skipped = count("skipped");
  const failed = Math.max(failures.length, count("failures") + count("errors"));
  return { passed: Math.max(0, ran - skipped - failed), failed, skipped, failures, skips };
}

function testName(attributes: string): string {
  const value = (key: string) =>
    decodeEntities(new RegExp(`\\b${key}="([^"]*)"`).exec(attributes)?.[1] ?? "");
  return [value("file"), value("classname"), value("name")].filter((part) => part !== "").join(": ");
}

function decodeEntities(text: string): string {
  const named: Record<string, string> = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&", "#39": "'" };
  return text.replace(/&(quot|apos|lt|gt|amp|#39);/g, (whole, name: string) => named[name] ?? whole);
}
