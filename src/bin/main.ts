#!/usr/bin/env node
// dist/main.js, which is CommonJS: Node starts that sooner than a module, and an agent's edit waits for `popstash hook`
// (docs/benchmarks.md, P15). Everything else is modules.
if (process.argv[2] === 'hook') void import('./hook.js');
else void import('./start.js');
