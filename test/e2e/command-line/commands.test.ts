import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { runCommand } from '../../support/processes/processes.js';
import { childEnvironment } from '../../support/setup/environment.js';
import { createDataFolder, MAIN } from '../../support/setup/folders.js';

test('popstash --help names every command, also those that do not go through the command line', async () => {
  const { code, stdout } = await runCommand(['--help']);
  expect(code).toBe(0);
  for (const name of ['up', 'mcp', 'hook', 'guard', 'serve']) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  const { code: hookCode, stdout: hookHelp } = await runCommand(['hook', '--help']);
  expect([hookCode, hookHelp.split('\n')[0]]).toEqual([0, 'Usage: popstash hook [options] <event>']);
});

test('a command whose reader has gone ends without a word', async () => {
  const env = childEnvironment({ POPSTASH_DATA_DIR: createDataFolder() });
  const doctor = spawn(process.execPath, [MAIN, 'doctor'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  doctor.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  await once(doctor.stdout, 'data');
  doctor.stdout.destroy();
  const [code] = await once(doctor, 'close');
  expect([code, stderr]).toEqual([0, '']);
});
