#!/usr/bin/env node
// dist/main.js, which is CommonJS: Node starts that sooner than a module, and an agent's edit waits for `popstash hook`
// (docs/benchmarks.md, P15). Everything else is modules.
const [command, ...flags] = process.argv.slice(2);
if (command === 'hook' && !flags.includes('--help')) void import('./hook.js');
else void import('./start.js');
