import { describe, expect, test } from "bun:test";
import { tellingLine } from "./telling-line.ts";

const REQUIREMENTS =
  "# what we need\nnumpy>=1\ntorch_text==0.1\ntorch==99  # the newest\n./wheels/x-1.0-py3-none-any.whl\n";

const FILE = { name: "requirements.txt", text: REQUIREMENTS };

describe("what is shown of a failed build", () => {
  test("the requirement that can't be found, with its line", () => {
    const log = [
      "[podium] Installing requirements.txt",
      "ERROR: Could not find a version that satisfies the requirement torch==99 (from versions: none)",
      "ERROR: No matching distribution found for torch==99",
      "",
    ];
    expect(tellingLine(log, FILE)).toBe(
      "requirements.txt line 4: No matching distribution found for torch==99",
    );
  });

  test("a name that is part of another one is not taken for it", () => {
    const log = ["ERROR: No matching distribution found for torch-text==0.1"];
    expect(tellingLine(log, FILE)).toStartWith("requirements.txt line 3: ");
  });

  test("a line that pip names itself is not named twice", () => {
    const log = ["ERROR: Invalid requirement: 'numpy=1': Expected end (from line 2 of requirements.txt)"];
    expect(tellingLine(log, FILE)).toBe(
      "requirements.txt: Invalid requirement: 'numpy=1': Expected end (from line 2 of requirements.txt)",
    );
  });

  test("a wheel that is not there", () => {
    const log = [
      "ERROR: Could not install packages due to an OSError: [Errno 2] No such file or directory: '/build/wheels/x-1.0-py3-none-any.whl'",
    ];
    expect(tellingLine(log, FILE)).toStartWith("requirements.txt line 5: Could not install");
  });

  test("the exception of a package's own build, not pip's apology", () => {
    const log = [
      "  error: subprocess-exited-with-error",
      "      ModuleNotFoundError: No module named 'Cython'",
      "      [end of output]",
      "  note: This error originates from a subprocess, and is likely not a problem with pip.",
      "error: metadata-generation-failed",
    ];
    expect(tellingLine(log, { name: "requirements.txt", text: "numpy\n" })).toBe(
      "requirements.txt: ModuleNotFoundError: No module named 'Cython'",
    );
  });

  test("uv's sentence, put together again", () => {
    const log = [
      "  × No solution found when resolving dependencies:",
      "  ╰─▶ Because numpy was not found in the package registry and you require",
      "      numpy>=1, we can conclude that your requirements are unsatisfiable.",
    ];
    expect(tellingLine(log, FILE)).toBe(
      "requirements.txt line 2: Because numpy was not found in the package registry and you require numpy>=1, we can conclude that your requirements are unsatisfiable.",
    );
  });

  test("what apt says of a package that there is none of", () => {
    const log = ["Reading package lists...", "E: Unable to locate package no-such-thing"];
    const file = { name: "nsml_package.txt", text: "libgl1\nno-such-thing=1\n" };
    expect(tellingLine(log, file)).toBe("nsml_package.txt line 2: Unable to locate package no-such-thing");
  });

  test("uv's error with its last cause", () => {
    const unknown =
      "Because torch was not found in the package registry and you require torch==99, it can't be.";
    const log = ["error: No solution found when resolving dependencies", `  cause: ${unknown}`];
    expect(tellingLine(log, FILE)).toBe(
      `requirements.txt line 4: No solution found when resolving dependencies: ${unknown}`,
    );
    const offline = [
      "error: Failed to fetch: https://mirror.example.org/simple/",
      "  cause: send",
      "  cause: no route",
      "",
      "hint: x",
    ];
    expect(tellingLine(offline, FILE)).toBe(
      "requirements.txt: Failed to fetch: https://mirror.example.org/simple/: no route",
    );
  });

  test("setup.py's own exception", () => {
    const log = [
      "Traceback (most recent call last):",
      '  File "setup.py", line 1',
      "ZeroDivisionError: division by zero",
    ];
    expect(tellingLine(log, { name: "setup.py", text: null })).toBe(
      "setup.py: ZeroDivisionError: division by zero",
    );
  });

  test("the last line of whatever else went wrong, and something even of nothing", () => {
    expect(tellingLine(["one", "two", " "], null)).toBe("two");
    expect(tellingLine([], null)).toBe("It ended without a word.");
    expect(tellingLine([], FILE)).toBe("requirements.txt: it could not be installed.");
    expect(tellingLine(["x".repeat(10_000)], null)).toHaveLength(400);
  });
});
