import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PositionEncoding, Workspace } from "@astral-sh/ruff-wasm-nodejs";
import { rootDir } from "../setup/paths.mjs";

const sdkDir = join(rootDir, "sdk", "python");

interface RuffFinding {
  code: string | null;
  message: string;
  start_location: { row: number };
}

/** Ruff's lint and format over sdk/python with its pyproject's settings, as `path:line message`. */
export function checkRuff(): string[] {
  const ruff = openRuff();
  return pythonFiles().flatMap((path) => {
    const text = readFileSync(join(sdkDir, path), "utf8");
    const findings = ruff.check(text) as RuffFinding[];
    const lint = findings.map(
      ({ code, message, start_location }) => `${start_location.row} ${code ?? ""} ${message}`,
    );
    const format = ruff.format(text) === text ? [] : ["1 is not formatted: run `npm run format`"];
    return [...lint, ...format].map((finding) => `sdk/python/${path}:${finding}`);
  });
}

/** Formats sdk/python in place; the paths that changed, from the root. */
export function formatPython(): string[] {
  const ruff = openRuff();
  return pythonFiles().flatMap((path) => {
    const text = readFileSync(join(sdkDir, path), "utf8");
    const formatted = ruff.format(text);
    if (formatted === text) return [];
    writeFileSync(join(sdkDir, path), formatted);
    return [`sdk/python/${path}`];
  });
}

/** Ruff as WebAssembly from npm: the same version everywhere, and no pip. */
function openRuff(): Workspace {
  const project = Bun.TOML.parse(readFileSync(join(sdkDir, "pyproject.toml"), "utf8")) as {
    tool: { ruff: object };
  };
  return new Workspace(project.tool.ruff, PositionEncoding.Utf32);
}

function pythonFiles(): string[] {
  const names = readdirSync(sdkDir, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".py") && !/(^|\/)(\.venv|build)\//.test(name)).sort();
}
