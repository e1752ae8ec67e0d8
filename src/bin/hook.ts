// dist/hook.cjs: `popstash hook`, as one small file of CommonJS. An agent's edit waits for it, and loading it as modules
// would take a tenth of a bare Node's start more (docs/benchmarks.md, P15).
import { readEnvironment } from '../config.js';
import { runHook } from '../hooks/ask/run-hook.js';

const args = process.argv.slice(2);
// Started by itself, or by main.js, whose first argument names it.
void runHook(readEnvironment(), args[0] === 'hook' ? args.slice(1) : args);
