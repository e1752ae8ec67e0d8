// F16: servers race for one data folder. One owner, no row lost, however the last owner ended.
import { expect, test } from 'vitest';
import { connectClient } from '../../support/processes/client.js';
import { askServer, readInsights } from '../../support/processes/local-server.js';
import { type RunningProcess, runCommand, spawnCommand } from '../../support/processes/processes.js';
import { createDataFolder } from '../../support/setup/folders.js';
import { trialCount } from '../../support/setup/trial.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const RACERS = 3;

test('F16: of servers that start at once on one folder exactly one owns it, and no row is lost', async () => {
  const dataDir = createDataFolder();
  const env = { POPSTASH_DATA_DIR: dataDir };
  const acknowledged: string[] = [];
  for (let round = 0; round < trialCount(4, 100); round += 1) {
    const racers = Array.from({ length: RACERS }, () => spawnCommand(['serve'], { env }));
    const owner = await findOwner(dataDir, racers);
    const client = await connectClient({ env });
    for (let index = 0; index < 3; index += 1) {
      const content = `round ${String(round).padStart(3, '0')} row ${index}`;
      await client.call('insight', { content });
      acknowledged.push(content);
    }
    // Those that came second have ended well, and the owner is the one that answered.
    const losers = racers.filter((racer) => racer !== owner);
    const ended = new Map<RunningProcess, number | NodeJS.Signals>();
    for (const loser of losers) void loser.exited.then((code) => ended.set(loser, code));
    await waitUntil(() => ended.size === losers.length, 'all but one of the racers to end');
    expect([...ended.values()]).toEqual(losers.map(() => 0));
    expect((await askServer(dataDir))?.pid).toBe(owner.pid);
    await client.close();
    // Killed, or asked to end and not waited for: the next ones start while it is still closing.
    owner.kill(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
    if (round % 2 === 0) await owner.exited;
  }
  await runCommand(['down'], { env });
  expect(await readInsights(dataDir)).toEqual(acknowledged);
});

async function findOwner(dataDir: string, racers: RunningProcess[]): Promise<RunningProcess> {
  return await waitUntil(async () => {
    const report = await askServer(dataDir);
    return racers.find((racer) => racer.pid === report?.pid);
  }, 'one of the racers to own the folder');
}
