// F24: two hours of everything at once in embedded mode: eight agents write, lock and recall, while agents and the server
// are killed, the server is stopped properly, one client floods it, the disk is full and clocks step. In the second half
// the server stays: its memory, open files and sockets are level at the end, no process is left, and nothing
// acknowledged is lost.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findMarkedProcesses } from '../../../scripts/services/marked-processes.mjs';
import { createRandom, type Random } from '../../support/histories/random.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { askServer, killServer, serverProcesses } from '../../support/processes/local-server.js';
import { measureProcess, type ProcessUse } from '../../support/processes/measure-process.js';
import { runCommand } from '../../support/processes/processes.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { FILE_MARKER } from '../../support/setup/services.js';
import { mountSmallDisk } from '../../support/setup/small-disk.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const seconds = trialCount(8, 7_200);
const seed = Number(process.env.TEST_SEED ?? 24);
const AGENTS = 8;
const FLOOD = trialCount(50, 200);
/** Between two notes of one agent, in ms: in two hours some 40,000, whose vectors a server keeps in its memory. */
const PACE_MS = trialCount(0, 1_400);
const MAX_FILES_OPENED = 64;
const HOUR = 3_600_000;
const DISK_MEGABYTES = 1_500;
const clock = join(import.meta.dirname, '..', '..', 'support', 'processes', 'shift-clock.mjs');

interface Storm {
  random: Random;
  dataDir: string;
  acknowledged: string[];
  agents: TestClient[];
  isOver: boolean;
  fillDisk: () => Promise<void>;
}

test(`F24: ${seconds} s of everything at once`, async () => {
  const disk = mountSmallDisk(DISK_MEGABYTES);
  const random = createRandom(seed);
  const dataDir = createDataFolder(disk?.folder);
  const storm: Storm = {
    random,
    dataDir,
    acknowledged: [],
    agents: [],
    isOver: false,
    fillDisk: async () => undefined,
  };
  storm.agents = await Promise.all(Array.from({ length: AGENTS }, () => connectAgent(storm)));
  if (disk) {
    storm.fillDisk = async () => {
      disk.fill();
      await pause(500 + random.below(2_000));
      disk.free();
    };
  }
  const workers = storm.agents.map((_, index) => workOn(storm, index));

  const half = performance.now() + (seconds / 2) * 1_000;
  const trouble = [() => killServer(dataDir), () => stopServer(dataDir), () => storm.fillDisk()];
  await disturb(storm, half, [...trouble, () => killAgent(storm), () => flood(storm)]);

  await waitUntil(async () => (await askServer(dataDir))?.storage === 'ready', 'a server', { timeoutMs: 120_000 });
  // What a server allocates once is there after the first flood.
  await flood(storm);
  const before = measureServer(dataDir);
  await disturb(storm, performance.now() + (seconds / 2) * 1_000, [() => killAgent(storm), () => flood(storm)]);
  storm.isOver = true;
  await Promise.all(workers);
  const after = measureServer(dataDir);
  process.stderr.write(
    `F24: ${storm.acknowledged.length} notes; ${JSON.stringify(before)} → ${JSON.stringify(after)}, seed ${seed}\n`,
  );
  expect(after.pid).toBe(before.pid);
  expect(after.memory).toBeLessThanOrEqual(before.memory * 1.3 + 60);
  // The database opens each file of a table or index when it first needs it.
  expect(after.handles).toBeLessThanOrEqual(before.handles + MAX_FILES_OPENED);
  expect(after.sockets).toBeLessThanOrEqual(before.sockets + AGENTS);
  expect(serverProcesses(dataDir)).toHaveLength(1);

  const { stdout } = await runCommand(['export'], { env: { POPSTASH_DATA_DIR: dataDir } });
  const stored = new Set(stdout.match(/note \d+ of agent \d+/g));
  expect(storm.acknowledged.filter((content) => !stored.has(content))).toEqual([]);
  await Promise.all(storm.agents.map((agent) => agent.close()));
  await runCommand(['down'], { env: { POPSTASH_DATA_DIR: dataDir } });
  const marker = `${FILE_MARKER}=${process.env[FILE_MARKER]}`;
  await waitUntil(
    () => findMarkedProcesses(marker).filter(({ command }) => command.includes('main.js')).length === 0,
    'all to end',
  );
});

/** Its clock, and that of a server which it starts, may be up to an hour off. */
function connectAgent({ dataDir, random }: Storm): Promise<TestClient> {
  const shift = random.pick([-HOUR, 0, 0, HOUR]);
  const env = { POPSTASH_DATA_DIR: dataDir, NODE_OPTIONS: `--import=${clock}`, TEST_CLOCK_SHIFT_MS: String(shift) };
  return connectClient({ env });
}

let notes = 0;

/** One agent's work, until the storm is over; a killed agent is followed by another one. */
async function workOn(storm: Storm, index: number): Promise<void> {
  const { random, acknowledged } = storm;
  while (!storm.isOver) {
    const agent = storm.agents[index] as TestClient;
    notes += 1;
    const content = `note ${notes} of agent ${index}`;
    const path = `src/${random.below(4)}.ts`;
    try {
      await agent.call('insight', { content: `${content} ends: the release needs ${random.below(1_000)} steps` });
      acknowledged.push(content);
      await agent.call('acquire', { patterns: [path], wait_seconds: random.below(2) });
      if (random.chance(0.3)) await agent.call('recall', { query: `steps of release ${random.below(1_000)}` });
      await agent.call('release', { patterns: [path] });
      if (PACE_MS > 0) await pause(random.below(2 * PACE_MS));
    } catch {
      // Killed, or told so by a typed error: F1 and F12 look at those.
      await pause(50);
    }
  }
}

async function killAgent(storm: Storm): Promise<void> {
  const index = storm.random.below(AGENTS);
  storm.agents[index]?.kill('SIGKILL');
  storm.agents[index] = await connectAgent(storm);
}

/** Far more calls at once than one connection may have in flight. */
async function flood({ agents, random }: Storm): Promise<void> {
  const agent = random.pick(agents);
  await Promise.allSettled(
    Array.from({ length: FLOOD }, (_, each) => agent.call('recall', { query: `flood number ${each}` })),
  );
}

async function stopServer(dataDir: string): Promise<void> {
  await runCommand(['down'], { env: { POPSTASH_DATA_DIR: dataDir } });
}

async function disturb({ random }: Storm, until: number, troubles: (() => unknown)[]): Promise<void> {
  while (performance.now() < until) {
    await random.pick(troubles)();
    await pause(random.below(2_000));
  }
}

function measureServer(dataDir: string): ProcessUse & { pid: number } {
  const [pid] = serverProcesses(dataDir);
  if (pid === undefined) throw new Error('no server runs');
  return { pid, ...measureProcess(pid) };
}

/** The time between two blows is part of the storm. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
