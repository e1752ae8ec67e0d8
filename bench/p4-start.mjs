// @ts-check
// P4: from spawn to the answer of `initialize`, ÷ `node -e 0` from spawn to exit, alternating: the embedded bridge to a
// server that runs, and the front process of server mode.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startLocalServer } from './support/local-server.mjs';
import { median, percentile, report } from './support/report.mjs';

const ROUNDS = 30;
const INITIALIZE = `${JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bench', version: '0' } },
})}\n`;

const local = await startLocalServer();
try {
  /** @type {Record<string, number[]>} */
  const times = { node: [], bridge: [], front: [] };
  // The first round of each is not counted.
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const [name, side] of Object.entries({
      node: runNode,
      bridge: () => untilInitialized(local.env),
      front: () => untilInitialized(process.env),
    })) {
      const took = await side();
      if (round >= 0) times[name]?.push(took);
    }
  }
  const { node = [], bridge = [], front = [] } = times;
  report('P4 bridge to a running server ÷ node -e 0, p50', median(bridge) / median(node), '≤ 1.6');
  report('P4 server mode ÷ node -e 0, p50', median(front) / median(node), '≤ 2.5');
  report('P4 bridge ÷ node -e 0, p90', percentile(bridge, 0.9) / percentile(node, 0.9), '-');
  report('P4 server mode ÷ node -e 0, p90', percentile(front, 0.9) / percentile(node, 0.9), '-');
  report('P4 node -e 0, ms', median(node), '-');
} finally {
  await local.stop();
}

/** @returns ms from spawn to exit */
async function runNode() {
  const start = performance.now();
  await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
  return performance.now() - start;
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns ms from spawn to the answer; what ends the child is not counted
 */
async function untilInitialized(env) {
  const start = performance.now();
  const child = spawn(process.execPath, ['dist/main.js', 'mcp'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write(INITIALIZE);
  const [answer] = await once(child.stdout, 'data');
  const took = performance.now() - start;
  if (!String(answer).includes('serverInfo')) throw new Error(`not an answer to initialize: ${answer}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return took;
}
