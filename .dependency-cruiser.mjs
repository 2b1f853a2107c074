// What may import what: the design's layout as rules. `npm run verify` enforces them.

const HUB = "apps/hub/src";

/** In this order: a domain may import those above it. */
const ORDER = ["accounts", "teams", "credits", "data", "nodes", "scheduling", "sessions", "tracking"];
/** Side by side: they know everything above, and not one another. */
const SIDE_BY_SIDE = ["tuning", "competitions", "serving"];
const LAST = ["scoring", "leaderboards"];
/** They listen to events, and nothing may know them. */
const LISTENERS = ["monitoring", "notifications"];

const ALL = [...ORDER, ...SIDE_BY_SIDE, ...LAST, ...LISTENERS];

/** Domains that `domain` may import. */
function reachable(domain) {
  if (ORDER.includes(domain)) return ORDER.slice(0, ORDER.indexOf(domain));
  if (SIDE_BY_SIDE.includes(domain)) return ORDER;
  if (LAST.includes(domain)) return [...ORDER, ...SIDE_BY_SIDE, ...LAST.slice(0, LAST.indexOf(domain))];
  return [...ORDER, ...SIDE_BY_SIDE, ...LAST];
}

/** The listeners have a rule of their own, but may not know one another either. */
function unreachable(domain) {
  const others = LISTENERS.includes(domain) ? LISTENERS : ALL.filter((other) => !LISTENERS.includes(other));
  return others.filter((other) => other !== domain && !reachable(domain).includes(other));
}

const inDomains = (domains) => `^${HUB}/(${domains.join("|")})/`;
const COMPOSITION = `^${HUB}/(main|hub|app|openapi|subscriptions)\\.ts$`;
const TESTS = "\\.test\\.tsx?$";

const domainOrder = ALL.map((domain) => ({
  name: `order-${domain}`,
  comment: `${domain} may import only ${reachable(domain).join(", ") || "no other domain"}.`,
  severity: "error",
  from: { path: inDomains([domain]) },
  to: { path: inDomains(unreachable(domain)) },
}));

export default {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Files that import one another can't be understood, tested or moved one at a time.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment: "An import that leads nowhere.",
      severity: "error",
      from: {},
      // k6 brings its modules itself.
      to: { couldNotResolve: true, pathNot: "^(bun|k6)([:/]|$)" },
    },
    ...domainOrder,
    {
      name: "listeners-are-unknown",
      comment:
        "Nothing imports monitoring or notifications: they listen. Only the composition (and the tests' own) wires them.",
      severity: "error",
      from: { pathNot: [inDomains(LISTENERS), COMPOSITION, `^${HUB}/testing/`] },
      to: { path: inDomains(LISTENERS) },
    },
    {
      name: "platform-knows-no-domain",
      severity: "error",
      from: { path: `^${HUB}/platform/` },
      to: { path: inDomains(ALL) },
    },
    {
      name: "through-the-door",
      comment:
        "Across domains only index.ts; a schema may be imported by schema.ts and store.ts, for foreign keys and joins.",
      severity: "error",
      from: { path: `^${HUB}/([^/]+)/`, pathNot: `^${HUB}/testing/` },
      to: { path: inDomains(ALL), pathNot: [`^${HUB}/$1/`, "/index\\.ts$", "/schema\\.ts$"] },
    },
    {
      name: "foreign-schema",
      comment: "Another domain's tables are for schema.ts and store.ts only.",
      severity: "error",
      from: {
        path: `^${HUB}/([^/]+)/`,
        pathNot: [`^${HUB}/(testing|platform)/`, "/(schema|store)\\.ts$", TESTS],
      },
      to: { path: `^${HUB}/[^/]+/schema\\.ts$`, pathNot: `^${HUB}/$1/` },
    },
    {
      name: "sql-in-its-place",
      comment:
        "drizzle-orm only in schema.ts, store.ts, platform/ and testing/: one place to read for what is asked of the database.",
      severity: "error",
      from: { path: "^apps/", pathNot: ["/(schema|store)\\.ts$", "/(platform|testing)/"] },
      to: { path: "node_modules/drizzle-orm/" },
    },
    {
      name: "http-in-its-place",
      comment: "hono only in routes.ts, platform/ and the composition: verbs know no HTTP.",
      severity: "error",
      from: { path: "^apps/", pathNot: ["/(routes|main|app|openapi)\\.ts$", "/platform/"] },
      to: { path: "node_modules/(hono|@hono)/" },
    },
    {
      name: "shared-does-no-io",
      comment: "packages/shared also runs in the browser.",
      severity: "error",
      from: { path: "^packages/shared/src/", pathNot: TESTS },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "apps-meet-over-contracts",
      comment: "Apps don't import one another; what they share is in packages/shared.",
      severity: "error",
      from: { path: "^apps/([^/]+)/" },
      to: { path: "^apps/", pathNot: "^apps/$1/" },
    },
    {
      name: "products-know-no-workshop",
      comment:
        "Apps and packages don't import scripts, benches, tests or examples (their tests may use scripts/testing and scripts/stack).",
      severity: "error",
      from: { path: "^(apps|packages)/", pathNot: [TESTS, "/testing/"] },
      to: { path: "^(scripts|bench|tests|examples)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(apps/[^/]+/dist|\\.podium)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json", ".css"],
      exportsFields: ["exports"],
      conditionNames: ["import", "bun", "types", "default"],
    },
    builtInModules: { add: ["bun", "bun:test", "bun:sqlite", "bun:ffi"] },
  },
};
