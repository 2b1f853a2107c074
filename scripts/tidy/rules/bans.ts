import ts from "typescript";
import { type Finding, isTest, isTypeScript, lineOf, type Rule, type SourceFile, walk } from "../source.ts";

interface Ban {
  name: string;
  /** Recognises a banned use at this node. */
  uses: (node: ts.Node) => boolean;
  allowedIn: RegExp;
  message: string;
}

/** Our own workshop is not simulated, configured or shipped. */
const WORKSHOP = /^(scripts|tests|bench)\/|\.config\.ts$|^apps\/[^/]+\/\w+\.config\.ts$/;

const BANS: Ban[] = [
  {
    name: "environment",
    uses: (node) => isMember(node, "process", "env") || isMember(node, "Bun", "env"),
    allowedIn: /(^|\/)env\.ts$/,
    message: "the environment is read in env.ts only: parse it there and inject the result",
  },
  {
    name: "clock",
    uses: (node) =>
      isMember(node, "Date", "now") || isMember(node, "performance", "now") || isEmptyDate(node),
    allowedIn: /(^|\/)clock\.ts$|^apps\/(web|cli)\/|^examples\//,
    message: "the time comes from the injected clock, so that it can be simulated",
  },
  {
    name: "randomness",
    uses: (node) => isMember(node, "Math", "random") || isRandomCall(node),
    allowedIn: /(^|\/)(ids|random|secrets|main)\.ts$/,
    message: "random values come from ids.ts, random.ts or secrets.ts: inject what is made there",
  },
];

const RANDOM_CALLS = new Set(["randomUUID", "getRandomValues", "randomBytes", "randomInt", "uuidv7"]);

/** What would make time, configuration or identity impossible to inject. */
export const bans: Rule[] = BANS.map((ban) => ({ name: ban.name, check: (file) => findUses(file, ban) }));

function findUses(file: SourceFile, ban: Ban): Finding[] {
  if (!isTypeScript(file) || isTest(file) || WORKSHOP.test(file.path) || ban.allowedIn.test(file.path))
    return [];
  const findings: Finding[] = [];
  walk(file, (node) => {
    if (!ban.uses(node)) return;
    findings.push({ path: file.path, line: lineOf(file, node.getStart(file.tree())), message: ban.message });
  });
  return findings;
}

function isMember(node: ts.Node, object: string, property: string): boolean {
  if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return false;
  return node.expression.text === object && node.name.text === property;
}

function isEmptyDate(node: ts.Node): boolean {
  const isDate =
    ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "Date";
  return isDate && (node.arguments?.length ?? 0) === 0;
}

function isRandomCall(node: ts.Node): boolean {
  if (!ts.isCallExpression(node)) return false;
  const { expression } = node;
  const name = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  return ts.isIdentifier(name) && RANDOM_CALLS.has(name.text);
}
