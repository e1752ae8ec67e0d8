// Who may import whom (docs: CONTRIBUTING.md, Layout). `npm run cycles` checks src/ and workers/.

/** Layers that only the composition root (src/deps.ts, src/local/) and commands may reach into. */
const entry = ['^src/(main|start|hook)\\.ts$', '^src/cli/', '^workers/'];

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle makes the order of loading matter. Types count too: a type cycle is a layering fault.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A module that nothing imports is dead, unless it is an entry of the build.',
      severity: 'error',
      from: { orphan: true, pathNot: ['^src/(main|start|hook)\\.ts$', '^workers/', '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'entries-are-not-imported',
      comment: 'main, the commands and the workers use the rest, never the other way round.',
      severity: 'error',
      from: { pathNot: entry },
      to: { path: entry },
    },
    {
      name: 'workers-never-meet-mcp',
      comment: 'Workers own the model, the front owns the protocol; they meet in the database and the queue only.',
      severity: 'error',
      from: { path: '^workers/' },
      to: { path: '^src/mcp/', reachable: true },
    },
    {
      name: 'mcp-never-meets-workers',
      severity: 'error',
      from: { path: '^src/mcp/' },
      to: { path: '^workers/|^src/queue/consumer\\.ts$', reachable: true },
    },
    {
      name: 'mcp-uses-domain',
      comment: 'A tool parses, calls one service and returns: no SQL, no queue, no model.',
      severity: 'error',
      from: { path: '^src/mcp/' },
      to: {
        path: '^src/(db|queue|embedding|local|cli|dashboard)/',
        pathNot: '^src/db/database-errors\\.ts$', // turns a driver's error into a typed one
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'domain-stays-below',
      comment: 'domain → db, queue/producer (as a type), search, text, telemetry, errors.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { path: '^src/(mcp|cli|local|dashboard|deps\\.ts)' },
    },
    {
      name: 'domain-never-loads-the-model',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { path: '^src/(embedding|queue)/', pathNot: '-types\\.ts$|catalog\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'lower-layers-stay-below',
      comment: 'db, queue, search, embedding, text and telemetry know nothing of the domain but its types.',
      severity: 'error',
      from: { path: '^src/(db|queue|search|embedding|text|telemetry)/' },
      to: { path: '^src/(mcp|cli|local|dashboard|domain|deps\\.ts)', pathNot: '-types\\.ts$' },
    },
    {
      name: 'leaves-import-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/(errors|logger|config|package-root)\\.ts$' },
      to: { path: '^src/' },
    },
    {
      name: 'bullmq-only-in-queue-and-dashboard',
      severity: 'error',
      from: { pathNot: '^src/(queue|dashboard)/' },
      to: { path: 'node_modules/(bullmq|ioredis)/' },
    },
    {
      name: 'pglite-only-where-the-data-folder-is-owned',
      severity: 'error',
      from: { pathNot: '^src/(db|local)/' },
      to: { path: 'node_modules/@electric-sql/' },
    },
    {
      name: 'model-only-in-embedding',
      severity: 'error',
      from: { pathNot: '^src/embedding/' },
      to: { path: 'node_modules/(@xenova|@huggingface)/' },
    },
    {
      name: 'telemetry-sdk-only-in-telemetry',
      comment:
        'The SDK is loaded only when an endpoint is configured; @opentelemetry/api is a leaf that anyone may use.',
      severity: 'error',
      from: { pathNot: '^src/telemetry/' },
      to: { path: 'node_modules/@opentelemetry/(?!api/)' },
    },
    {
      name: 'no-development-dependencies-at-run-time',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'prisma-never-at-run-time',
      comment: 'docs/decisions/prisma-owns-the-schema.md',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { path: 'node_modules/(@prisma|prisma)/' },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Types are part of the picture: an import of a type alone is still a dependency between layers.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
