// @ts-check
// P5 and P6: memory of one more agent (resident set after its first calls), its growth over 10,000 calls, and the model
// and memory that eight agents share. A resident set rises and falls by some MB as garbage is collected, every few thousand
// calls: a figure is the median of what is seen over 2,000 calls.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { startLocalServer } from './support/local-server.mjs';
import { connectFront } from './support/mcp-client.mjs';
import { childrenOf, memoryOf } from './support/processes.mjs';
import { median, report } from './support/report.mjs';

const CALLS = 10_000;
/** After these a process has loaded and compiled what it will ever need. */
const WARM_UP = 1_000;
const AGENTS = 8;
/** Calls over which memory is seen, and how often. */
const SAMPLED_CALLS = 2_000;
const SAMPLE_EVERY = 50;

const local = await startLocalServer();
try {
  await measureAgent('bridge', '≤ 50', local.env);
  await measureAgent('front process', '≤ 90', process.env);
  await measureAgents();
} finally {
  await local.stop();
}

/**
 * @param {string} name
 * @param {string} target
 * @param {NodeJS.ProcessEnv} env
 */
async function measureAgent(name, target, env) {
  const agent = await connectFront(env);
  for (let index = 0; index < WARM_UP; index += 1) await agent.call('ping', {});
  const before = await sampleMegabytes(agent);
  report(`P5 ${name}, MB`, before, target);
  report(`P5 ${name} ÷ node, memory`, before / nodeMegabytes(), '-');
  for (let index = 0; index < CALLS - SAMPLED_CALLS; index += 1) await agent.call('ping', {});
  report(`P5 ${name}, growth over ${CALLS} calls, MB`, (await sampleMegabytes(agent)) - before, '≤ 3');
  await agent.close();
}

/**
 * @param {Awaited<ReturnType<typeof connectFront>>} agent
 * @returns median over SAMPLED_CALLS further calls
 */
async function sampleMegabytes(agent) {
  const seen = [];
  for (let index = 1; index <= SAMPLED_CALLS; index += 1) {
    await agent.call('ping', {});
    if (index % SAMPLE_EVERY === 0) seen.push(rssMegabytes(agent.pid));
  }
  return median(seen);
}

async function measureAgents() {
  const agents = [];
  for (let index = 0; index < AGENTS; index += 1) {
    agents.push(await connectFront(local.env));
  }
  await Promise.all(agents.map((agent, index) => agent.call('insight', { content: `agent ${index} was here` })));
  const processes = [local.pid, ...agents.map((agent) => agent.pid)];
  const owners = [...processes, ...processes.flatMap(childrenOf)].filter((pid) =>
    readFileSync(`/proc/${pid}/maps`, 'utf8').includes('onnxruntime'),
  );
  report(`P6 models in memory for ${AGENTS} agents`, owners.length, '1');
  const together = [local.pid, ...childrenOf(local.pid)].reduce((sum, pid) => sum + memoryOf(pid).pss, 0);
  report('P6 local server with model and database, MB', together, '-');
  await Promise.all(agents.map((agent) => agent.close()));
}

/** @param {number} pid */
function rssMegabytes(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** What Node itself takes: the floor of any client. */
function nodeMegabytes() {
  const script = 'console.log(process.memoryUsage().rss / 1048576)';
  return Number(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }));
}
