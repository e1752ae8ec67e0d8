// dist/bridge.cjs: `popstash mcp` in embedded mode, as one small file of CommonJS. Each agent has such a process, and
// loading it as modules would take a fifth more of the processor and 2 MB more (docs/benchmarks.md, P4 and P5).
import { runBridge } from '../bridge/bridge.js';
import { readEnvironment } from '../config.js';
import { AppError } from '../errors.js';

runBridge(readEnvironment()).catch((error: unknown) => {
  if (!(error instanceof AppError)) throw error;
  process.stderr.write(`popstash: ${error.message} ${error.fix}\n`);
  process.exit(1);
});
