// Who may import whom, by folder (docs/architecture.md). `npm run cycles` checks src/ and workers/.

/** Entries of the build: they import, nothing imports them. */
const entry = ['^src/bin/', '^workers/'];

/**
 * Each room and the rooms that it may import; files directly in src/ (config, errors, logger, package root) are open to
 * all. A room that is missing here may import nothing: a new folder needs a line.
 */
const rooms = {
  // What runs.
  bin: ['bridge', 'cli', 'hooks', 'member'],
  cli: [
    'accountability',
    'app',
    'bridge',
    'data-folder',
    'embedding',
    'hooks',
    'ipc',
    'http',
    'jobs',
    'mcp',
    'member',
    'memory',
    'project',
    'reports',
    'text',
  ],
  app: [
    'accountability',
    'async',
    'coordination',
    'dashboard',
    'data-folder',
    'db',
    'embedding',
    'files',
    'git',
    'hooks',
    'http',
    'identity',
    'ipc',
    'jobs',
    'mcp',
    'memory',
    'project',
    'queue',
    'reports',
    'telemetry',
    'text',
  ],
  bridge: ['accountability', 'async', 'hooks', 'ipc', 'mcp'],
  dashboard: [],
  // A team's server, and the side of its members.
  http: ['accountability', 'actor', 'async', 'coordination', 'db', 'hooks', 'ipc', 'mcp', 'project', 'text'],
  member: [
    'bridge',
    'accountability',
    'async',
    'coordination',
    'files',
    'globs',
    'hooks',
    'http',
    'identity',
    'ipc',
    'mcp',
    'project',
    'text',
  ],
  jobs: ['accountability', 'async', 'coordination', 'db', 'embedding', 'identity', 'memory', 'queue', 'telemetry'],
  // The protocol.
  mcp: [
    'accountability',
    'actor',
    'async',
    'coordination',
    'db',
    'globs',
    'hooks',
    'identity',
    'ipc',
    'memory',
    'project',
    'reports',
    'telemetry',
    'text',
  ],
  hooks: ['actor', 'async', 'coordination', 'files', 'globs', 'ipc', 'project', 'text'],
  // The three pillars.
  memory: [
    'accountability',
    'actor',
    'async',
    'coordination',
    'db',
    'embedding',
    'files',
    'git',
    'project',
    'telemetry',
    'text',
  ],
  coordination: ['accountability', 'actor', 'async', 'db', 'files', 'globs', 'project', 'telemetry', 'text'],
  accountability: ['actor', 'async', 'db', 'files', 'project', 'queue', 'telemetry', 'text'],
  // What people read, through Prisma Client.
  reports: ['accountability', 'generated', 'memory', 'text'],
  // Mechanisms.
  'data-folder': ['async', 'ipc'],
  ipc: ['async', 'project'],
  queue: ['async', 'db', 'telemetry'],
  db: ['async'],
  git: ['async', 'files', 'project'],
  embedding: ['async'],
  globs: [],
  telemetry: ['async', 'text'],
  text: ['async'],
  // Which project a place belongs to.
  identity: ['async', 'db', 'files', 'project', 'text'],
  project: ['async', 'files', 'text'],
  files: [],
  async: [],
  actor: [],
};

/**
 * Who reads files (docs/decisions/files-of-others.md). Whatever is not on one of these lists reads none.
 * Of our own package, data folder and sockets: nobody else puts anything there.
 */
const readsOwnFiles = [
  '^src/(app|dashboard|data-folder|db|embedding|http|ipc)/',
  '^src/files/write-new-file\\.ts$',
  '^src/(make-folders|package-root)\\.ts$',
];
/** Commands, hooks and guards: each is a process of its own, which nobody else waits for. */
const readsInCommands = [
  '^src/(bin|bridge|cli|member)/',
  '^src/hooks/(ask|clients|doctor|guards|install)/',
  '^src/memory/(evaluation|sources)/',
];
/** What is done in a server's threads, and in commands: it may wait, and so it is not called by anything else. */
const readsInThreads = [
  '^src/accountability/transcripts/born-at\\.ts$',
  '^src/coordination/locks/(choose-board|inner-repositories|place-file|place-pattern)\\.ts$',
  '^src/files/(read-foreign-file|silent-place|walk-foreign-folder)\\.ts$',
  '^src/git/head-files\\.ts$',
  '^src/globs/(detect-case-folding|normalize-pattern|resolve-segments)\\.ts$',
  '^src/hooks/identify/running-processes\\.ts$',
  '^src/hooks/snapshots/(hash-files|ignore-rules|walk-files)\\.ts$',
  '^src/project/(find-repository|identity-reader|locate-project|project-records|read-stamp|trusted-owner)\\.ts$',
];
/** What looks at names that this machine's own disks answer at once: no link is followed, no file is opened. */
const readsWithoutWaiting = ['^src/coordination/plain-paths/(find-plain-path|stamp-dot-git)\\.ts$'];
/** Where such work is defined as tasks for threads. */
const fileTasks = [
  '^src/accountability/transcripts/transcript-tasks\\.ts$',
  '^src/coordination/plain-paths/learn-worktree\\.ts$',
  '^src/coordination/locks/place-tasks\\.ts$',
  '^src/files/(foreign-file-tasks|thread-pool)\\.ts$',
  '^src/git/(file-marks|hash-plain|read-head)\\.ts$',
  '^src/hooks/identify/(find-survivors|process-tree)\\.ts$',
  '^src/hooks/snapshots/(file-states|snapshot-tasks)\\.ts$',
  '^src/identity/(normalise-remote|read-history)\\.ts$',
  '^src/project/identity-tasks\\.ts$',
];

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports-its-own-list`,
  comment: `src/${room} may import: itself, files directly in src/${allowed.map((name) => `, src/${name}`).join('')}.`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/[^/]+/', pathNot: [room, ...allowed].map((name) => `^src/${name}/`) },
}));

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
      name: 'no-folder-cycles',
      comment: 'Two folders that import each other can only be understood, and changed, together.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    ...roomRules,
    {
      name: 'files-are-read-in-known-places',
      comment:
        'A new reader of files needs a place on one of the lists above: whose files are they, and who waits for them?',
      severity: 'error',
      from: {
        path: '^(src|workers)/',
        pathNot: [...readsOwnFiles, ...readsInCommands, ...readsInThreads, ...readsWithoutWaiting, ...fileTasks],
      },
      to: { path: '^(node:)?fs(/promises)?$' },
    },
    {
      name: 'files-of-others-are-read-in-threads',
      comment:
        'A file that does not answer may not hold up the thread that serves everybody: call a task (runFileTask).',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: [...readsInCommands, ...readsInThreads, ...fileTasks] },
      to: { path: readsInThreads, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-orphans',
      comment: 'A module that nothing imports is dead, unless it is an entry of the build.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['^src/bin/', '^src/app/storage/build-database\\.ts$', '^workers/', '\\.d\\.ts$'],
      },
      to: {},
    },
    {
      name: 'entries-are-not-imported',
      comment: 'The entries of the build use the rest, never the other way round.',
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
      name: 'jobs-load-their-work-late',
      comment:
        'A process that only gives jobs loads their definitions. What a job works with is imported inside its `start`, ' +
        'so a front never loads a model, a consumer or a service.',
      severity: 'error',
      from: { path: '^src/jobs/' },
      to: {
        path: '^src/[^/]+/',
        pathNot: ['^src/jobs/', '^src/queue/define-job\\.ts$', '^src/embedding/(embedding-types|vector-codec)\\.ts$'],
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'mcp-uses-services',
      comment: 'A tool parses, calls one service and returns: no SQL, no queue, no model.',
      severity: 'error',
      from: { path: '^src/mcp/' },
      to: {
        path: '^src/(db|queue|embedding)/',
        pathNot: '^src/db/faults/translate-error\\.ts$', // turns a driver's error into a typed one
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'globs-know-nothing-of-the-product',
      comment: 'A pure mechanism: a refusal is a GlobError, and the caller names the pattern in an error of its own.',
      severity: 'error',
      from: { path: '^src/globs/' },
      to: { path: '^src/(?!globs/|async/)' },
    },
    {
      name: 'hooks-start-without-packages',
      comment:
        "An agent's edit waits for the hook's process: it loads Node's own modules and a few small files of ours.",
      severity: 'error',
      from: { path: '^src/bin/hook\\.ts$' },
      to: { path: 'node_modules/', reachable: true },
    },
    {
      name: 'leaves-import-nothing-of-ours',
      severity: 'error',
      comment: 'But errors: the logger tells those that are expected from those that are not.',
      from: { path: '^src/(errors|logger|config|package-root)\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(errors|user-places)\\.ts$' },
    },
    {
      name: 'bullmq-only-in-queue-and-dashboard',
      comment:
        'Telemetry instruments both libraries: it patches the one class and implements an interface of the other.',
      severity: 'error',
      from: { pathNot: '^src/(queue|dashboard|telemetry)/' },
      to: { path: 'node_modules/(bullmq|ioredis)/' },
    },
    {
      name: 'pglite-only-where-the-data-folder-is-owned',
      severity: 'error',
      from: { pathNot: '^src/(db|app)/' },
      to: { path: 'node_modules/@electric-sql/' },
    },
    {
      name: 'model-only-in-embedding',
      severity: 'error',
      from: { pathNot: '^src/embedding/' },
      to: { path: 'node_modules/(@xenova|@huggingface|onnxruntime-)' },
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
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        // The bundle contains it (docs/decisions/prisma-at-run-time.md).
        pathNot: 'node_modules/@prisma/adapter-pg/',
      },
    },
    {
      name: 'prisma-client-only-in-reports',
      comment: 'docs/decisions/prisma-at-run-time.md',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^src/reports/' },
      to: { path: '^src/generated/|node_modules/(@prisma|prisma)/' },
    },
    {
      name: 'prisma-client-never-in-front-bridge-or-hook',
      comment: 'docs/decisions/prisma-at-run-time.md. Also not behind `import()`.',
      severity: 'error',
      from: { path: '^src/(app/(run|open)-front\\.ts$|bridge/|bin/(hook|bridge)\\.ts$|hooks/ask/)' },
      to: { path: '^src/reports/open-reports\\.ts$', reachable: true },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^src/generated/'] },
    // Made by the build; its modules import each other in rings.
    exclude: { path: '^src/generated/prisma/(?!client\\.ts$)' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Types are part of the picture: an import of a type alone is still a dependency between layers.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
