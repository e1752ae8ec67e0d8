// dist/status-line.cjs: `popstash statusline`, as one small file of CommonJS: a client runs it whenever something happens.
import { readEnvironment } from '../config.js';
import { showStatusLine } from '../hooks/ask/show-status-line.js';

void showStatusLine(readEnvironment(), process.argv.slice(3));
