import ts from "typescript";
import { type Finding, isTest, isTypeScript, lineOf, type Rule, type SourceFile, walk } from "../source.ts";

const FILE_LINES = 400;
const FUNCTION_LINES = 70;
const CODE = /\.(tsx?|mjs|py|css)$/;
const GENERATED = /\/generated\//;

export const fileSize: Rule = {
  name: "file-size",
  check: ({ path, text }) => {
    const lines = text.split("\n").length - 1;
    if (!CODE.test(path) || GENERATED.test(path) || lines <= FILE_LINES) return [];
    return [
      {
        path,
        line: lines,
        message: `${lines} lines; a file is one noun or one verb and stays under ${FILE_LINES}`,
      },
    ];
  },
};

/** routes.ts maps many endpoints in one place, and a test tells its whole story: both are exempt. */
export const functionSize: Rule = {
  name: "function-size",
  check: (file) => {
    if (!isTypeScript(file) || isTest(file) || /(^|\/)routes\.ts$/.test(file.path)) return [];
    const findings: Finding[] = [];
    walk(file, (node) => {
      if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
      const from = lineOf(file, node.getStart(file.tree()));
      const lines = lineOf(file, node.getEnd()) - from + 1;
      if (lines <= FUNCTION_LINES) return;
      const message = `${nameOf(node, file)} has ${lines} lines; a function has ${FUNCTION_LINES} at most`;
      findings.push({ path: file.path, line: from, message });
    });
    return findings;
  },
};

function nameOf(node: ts.Node, file: SourceFile): string {
  const named = [node, node.parent].find(
    (each): each is ts.NamedDeclaration => "name" in each && each.name !== undefined,
  );
  return named?.name?.getText(file.tree()) ?? "a function";
}
