import ts from "typescript";
import type { Rule, SourceFile } from "../source.ts";

const DOMAIN_FILE = /^apps\/hub\/src\/(?!platform\/|testing\/)[^/]+\/(catalog\/)?[^/]+\.ts$/;
/** The parts of a domain that are no verbs. */
const NO_VERB = /\/(index|schema|routes|store|jobs|types)\.ts$|\.test\.ts$/;

/** A file of a hub domain that exports an async function is a verb, and has its test beside it. */
export const verbsAreTested: Rule = {
  name: "verbs-are-tested",
  check: (file, repository) => {
    if (!DOMAIN_FILE.test(file.path) || NO_VERB.test(file.path)) return [];
    const test = file.path.replace(/\.ts$/, ".test.ts");
    const verbs = exportedAsyncFunctions(file);
    if (verbs.length === 0 || repository.has(test)) return [];
    return [
      { path: file.path, line: 1, message: `${verbs.join(", ")} has no test beside it: write ${test}` },
    ];
  },
};

function exportedAsyncFunctions(file: SourceFile): string[] {
  return file.tree().statements.flatMap((statement) => {
    if (!has(statement, ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isFunctionDeclaration(statement)) {
      return isAsync(statement, file) ? [statement.name?.text ?? "its function"] : [];
    }
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.flatMap(({ name, initializer }) => {
      const isFunction =
        initializer !== undefined &&
        (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer));
      return isFunction && isAsync(initializer, file) ? [name.getText(file.tree())] : [];
    });
  });
}

/** Declared `async`, or said to return a promise. */
function isAsync(
  node: ts.FunctionDeclaration | ts.ArrowFunction | ts.FunctionExpression,
  file: SourceFile,
): boolean {
  return has(node, ts.SyntaxKind.AsyncKeyword) || /^Promise\b/.test(node.type?.getText(file.tree()) ?? "");
}

function has(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false)
  );
}
