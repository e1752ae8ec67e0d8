// The code of `popstash hook`, as one small file of CommonJS; load-hook.ts loads it. An agent's edit waits for it, and
// loading it as modules would add a tenth to the start of a bare Node (docs/benchmarks.md, P15).
import { readEnvironment } from '../config.js';
import { runHook } from '../hooks/ask/run-hook.js';

const args = process.argv.slice(2);
// Started directly, or by main.js with `hook` as its first argument.
void runHook(readEnvironment(), args[0] === 'hook' ? args.slice(1) : args);
