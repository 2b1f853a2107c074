import { describe, expect, test } from "bun:test";
import {
  environmentFiles,
  environmentManifest,
  imageSchema,
  normalImage,
  nsmlImage,
} from "./environments.ts";

const entry = (path: string, sha256 = "a".repeat(64), mode: 0o644 | 0o755 = 0o644) => ({
  path,
  sha256,
  mode,
});
const pathsOf = (...paths: string[]) =>
  environmentFiles(paths.map((path) => entry(path))).map(({ path }) => path);

describe("an image reference", () => {
  test.each([
    "python",
    "python:3.12",
    "nsml/default_ml:tf-1.9torch-1.0",
    "registry.example.org:5000/team/a__b-c.d:v1",
    `python@sha256:${"0".repeat(64)}`,
    "localhost/x",
  ])("%s is one", (text) => {
    expect(imageSchema.safeParse(text).success).toBe(true);
  });

  test.each([
    "",
    "--privileged",
    "-v/:/host",
    "python 3",
    "python:",
    "Python:3",
    "a//b",
    "../a",
    "a:b:c/d:",
    "x".repeat(256),
    "a\nb",
    "ä",
    "a$(id)",
    "python@sha256:12",
  ])("%j is none", (text) => {
    expect(imageSchema.safeParse(text).success).toBe(false);
  });

  test("an absurdly long one is refused at once", () => {
    expect(imageSchema.safeParse(`${"a-".repeat(50_000)}!`).success).toBe(false);
  });

  test("the same image has one name", () => {
    for (const text of ["python", "python:latest", "docker.io/library/python", "docker.io/python:latest"])
      expect(normalImage(text)).toBe("python:latest");
    expect(normalImage("localhost:5000/x")).toBe("localhost:5000/x:latest");
    expect(normalImage("docker.io/team/x:1")).toBe("team/x:1");
    expect(normalImage(`x@sha256:${"0".repeat(64)}`)).toBe(`x@sha256:${"0".repeat(64)}`);
  });
});

describe("the #nsml line", () => {
  test.each([
    ["#nsml: nsml/ml:1.0\nfrom setuptools import setup", "nsml/ml:1.0"],
    ["#nsml:x", "x"],
    ["# nsml: x", "x"],
    ["#  NSML :   x   # why", "x"],
    ["\uFEFF#nsml: x\r\nnumpy", "x"],
  ])("%j names %s", (text, image) => {
    expect(nsmlImage(text)).toBe(image);
  });

  test.each(["", "numpy\n#nsml: x", "#nsml:", "#nsml: \nx", "nsml: x", "# not nsml: x"])(
    "%j names none",
    (text) => {
      expect(nsmlImage(text)).toBeNull();
    },
  );
});

describe("the files of an environment", () => {
  test("are those that say what to install, and what they may refer to", () => {
    const code = ["main.py", "nsml/__init__.py", "data/requirements.txt", "README.md", "src/setup.py"];
    const named = [
      "constraints.txt",
      "requirements-base.txt",
      "requirements.txt",
      "wheels/x-1.0-py3-none-any.whl",
    ];
    expect(pathsOf(...code, ...named)).toEqual(named);
    expect(
      pathsOf("setup.py", "setup.cfg", "pyproject.toml", "README.md", "docs/README.md", "main.py"),
    ).toEqual(["README.md", "pyproject.toml", "setup.cfg", "setup.py"]);
    expect(pathsOf("nsml_package.txt", "main.py")).toEqual(["nsml_package.txt"]);
  });

  test("are none where nothing says what to install", () => {
    expect(
      pathsOf(
        "main.py",
        "pyproject.toml",
        "x.whl",
        "README.md",
        "requirements-dev.txt",
        "a/requirements.txt",
      ),
    ).toEqual([]);
    expect(environmentManifest("python:3", [entry("main.py")])).toBeNull();
  });
});

describe("what an environment is named by", () => {
  const base = [entry("requirements.txt"), entry("x.whl"), entry("main.py")];

  test("the order of the files and everything else in the code do not matter", () => {
    expect(environmentManifest(null, [...base].reverse())).toBe(environmentManifest(null, base));
    expect(environmentManifest(null, [...base, entry("model.py")])).toBe(environmentManifest(null, base));
  });

  test("the image, and each file's place, content and mode do", () => {
    const variants = [
      environmentManifest(null, base),
      environmentManifest("python:3", base),
      environmentManifest(null, [entry("requirements.txt", "b".repeat(64)), entry("x.whl")]),
      environmentManifest(null, [entry("requirements.txt"), entry("y.whl")]),
      environmentManifest(null, [entry("requirements.txt"), entry("x.whl", undefined, 0o755)]),
      environmentManifest(null, [entry("requirements.txt")]),
    ];
    expect(new Set(variants).size).toBe(variants.length);
  });
});
