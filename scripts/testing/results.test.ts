import { expect, test } from "bun:test";
import { addResults, readJunit, readUnittest } from "./results.ts";

const JUNIT = `<testsuites>
  <testsuite file="a.test.ts">
    <testcase name="ok &amp; fine" classname="films" file="a.test.ts" />
    <testcase name="later" file="a.test.ts"><skipped /></testcase>
    <testcase name="&quot;bad&quot;" classname="films" file="a.test.ts"><failure type="AssertionError">no</failure></testcase>
  </testsuite>
</testsuites>`;

test("passed, failed and skipped tests are counted, failures and skips by name", () => {
  expect(readJunit(JUNIT, 1, "SKIPPED: pages in a browser: chromium is not installed", "unit")).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
    failures: ['a.test.ts: films: "bad"'],
    skips: ["pages in a browser: chromium is not installed"],
  });
});

test("a file that can't be loaded is a failure by its name, though no test of it has failed", () => {
  const output =
    "a.test.ts:\n(pass) films\n\nb.test.ts:\n\n# Unhandled error between tests\n-----\nerror: gone\n";
  expect(readJunit("<testsuites></testsuites>", 1, output, "unit").failures).toEqual([
    "b.test.ts: error between tests (see above)",
  ]);
  expect(readJunit(JUNIT, 1, output, "unit").failed).toBe(2);
});

test("a run that dies without a report is a failure", () => {
  expect(readJunit("", 139, "", "unit").failures).toEqual([
    "unit: bun test ended with exit code 139 (see its output above)",
  ]);
});

test("Python's tests are counted from unittest's closing lines", () => {
  const output = [
    "test_a (test_sdk.Reports) ... ok",
    "test_b (test_sdk.Reports) ... skipped 'numpy is not installed'",
    "FAIL: test_c (test_sdk.Reports)",
    "Ran 3 tests in 0.1s",
    "FAILED (failures=1, skipped=1)",
  ].join("\n");
  expect(readUnittest(output, 1)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
    failures: ["python: test_c (test_sdk.Reports)"],
    skips: ["test_b (test_sdk.Reports): numpy is not installed"],
  });
});

test("Python that can't even start is a failure", () => {
  expect(readUnittest("No module named unittest", 1).failed).toBe(1);
});

test("the same reason to skip is said once", () => {
  const one = { passed: 1, failed: 0, skipped: 1, failures: [], skips: ["x: no docker"] };
  expect(addResults([one, one])).toEqual({ ...one, passed: 2, skipped: 2 });
});
