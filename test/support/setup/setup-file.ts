// Runs in each integration and e2e file: marks its processes, closes what it opened, and fails it when one stays.
import { randomUUID } from 'node:crypto';
import { afterAll } from 'vitest';
import { endMarkedProcesses, findMarkedProcesses } from '../../../scripts/services/marked-processes.mjs';
import { closeAll } from './resources.js';
import { FILE_MARKER } from './services.js';
import { waitUntil } from './wait-until.js';

const id = randomUUID();
process.env[FILE_MARKER] = id;
const marker = `${FILE_MARKER}=${id}`;

// Registered first, so it runs after every afterAll of the file itself.
afterAll(async () => {
  try {
    await closeAll();
  } finally {
    await failOnLeaks();
  }
});

async function failOnLeaks(): Promise<void> {
  try {
    await waitUntil(() => findMarkedProcesses(marker).length === 0, 'all processes to end', { timeoutMs: 10_000 });
  } catch {
    const left = endMarkedProcesses(marker);
    const lines = left.map(({ pid, command }) => `  ${pid} ${command}`);
    throw new Error(`this file left ${left.length} process(es) running:\n${lines.join('\n')}`);
  }
}
