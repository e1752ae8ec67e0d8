#!/usr/bin/env node
// dist/main.js, which is CommonJS, as is what every agent and every edit of an agent starts: Node starts that sooner than
// modules (docs/benchmarks.md, P4 and P15). Everything else is modules.
import './require-node.js';
import { isBridged, readEnvironment } from '../config.js';

const [command, ...flags] = process.argv.slice(2);
if (command === 'hook' && !flags.includes('--help')) void import('./load-hook.js');
else if (command === 'statusline' && !flags.includes('--help')) void import('./status-line.js');
else if (command === 'mcp' && flags.length === 0 && isBridged(readEnvironment())) void import('./bridge.js');
else void import('./start.js');
