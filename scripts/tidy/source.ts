import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import ts from "typescript";

/** One file of the repository; the syntax tree is made when a rule first asks for it. */
export interface SourceFile {
  /** From the root, with slashes. */
  path: string;
  text: string;
  tree: () => ts.SourceFile;
}

export interface Finding {
  path: string;
  line: number;
  message: string;
}

/** Looks at one file, and may ask about the others. */
export interface Rule {
  name: string;
  check: (file: SourceFile, repository: Repository) => Finding[];
}

export interface Repository {
  files: SourceFile[];
  /** True when the path (from the root) is a file or folder. */
  has: (path: string) => boolean;
}

const TEXT =
  /\.(tsx?|mjs|cjs|js|json|ya?ml|py|toml|md|css|html|sh|sql|lock)$|(^|\/)(\.ci\/run|\.npmrc|\.gitignore|Dockerfile[^/]*)$/;
const LARGEST_BYTES = 1024 * 1024;

/** All text files that git knows or would add. */
export async function readRepository(root: string): Promise<Repository> {
  const listed = await $`git ls-files --cached --others --exclude-standard -z`.cwd(root).text();
  const paths = [...new Set(listed.split("\0"))].filter((path) => TEXT.test(path));
  const files = paths.flatMap((path) => {
    const stat = statSync(join(root, path), { throwIfNoEntry: false });
    if (stat === undefined || !stat.isFile() || stat.size > LARGEST_BYTES) return [];
    return [sourceFile(path, readFileSync(join(root, path), "utf8"))];
  });
  return { files, has: (path) => existsSync(join(root, path)) };
}

function sourceFile(path: string, text: string): SourceFile {
  let tree: ts.SourceFile | undefined;
  return {
    path,
    text,
    tree: () => {
      tree ??= ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
      return tree;
    },
  };
}

/** A repository of a few files, for the rules' own tests. */
export function repositoryOf(contents: Record<string, string>): Repository {
  const files = Object.entries(contents).map(([path, text]) => sourceFile(path, text));
  const isFolder = (path: string) =>
    files.some((file) => file.path.startsWith(`${path.replace(/\/$/, "")}/`));
  return { files, has: (path) => path in contents || isFolder(path) };
}

export function isTypeScript({ path }: SourceFile): boolean {
  return /\.tsx?$/.test(path) && !path.includes("/generated/");
}

export function isTest({ path }: SourceFile): boolean {
  return /\.test\.tsx?$/.test(path) || /(^|\/)(tests|testing)\//.test(path);
}

/** Calls `visit` with every node of the file's syntax tree, parents first. */
export function walk(file: SourceFile, visit: (node: ts.Node) => void): void {
  const go = (node: ts.Node) => {
    visit(node);
    ts.forEachChild(node, go);
  };
  go(file.tree());
}

export function lineOf(file: SourceFile, position: number): number {
  return file.tree().getLineAndCharacterOfPosition(position).line + 1;
}
