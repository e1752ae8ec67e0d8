// F10: a holder whose lock has ended and was taken over goes on as if nothing had happened. Renewing, releasing, editing
// and committing are refused every time, also after the new holder has let go: then the commit is still not its own.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectClient } from '../../support/processes/client.js';
import { startHookedClient } from '../../support/processes/hooked-client.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { createDataFolder, createFolder, MAIN } from '../../support/setup/folders.js';
import { trialCount } from '../../support/setup/trial.js';

const PATHS = trialCount(6, 1_000);
/** Taken over together, after one silence of the first holder. */
const AT_ONCE = trialCount(3, 20);

interface Acquired {
  acquired: { pattern: string; token: number }[];
  conflicts: unknown[];
}

test(`${PATHS} paths taken over from a stale holder: it is refused every time`, async () => {
  const env = { DATABASE_URL: (await createTestDatabase()).url, POPSTASH_DATA_DIR: createDataFolder() };
  const project = createFolder();
  const git = (...args: string[]) => execFileSync('git', args, { cwd: project, stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  const rival = await connectClient({ env, cwd: project });
  // Its locks end after a second without a sign of life.
  const stale = await startHookedClient({ env: { ...env, POPSTASH_LOCK_EXPIRY_MINUTES: '0.02' }, cwd: project });
  const commits = (path: string) =>
    stale.act(`git reset -q; git add ${path} && "${process.execPath}" "${MAIN}" guard pre-commit`, project);

  for (let first = 0; first < PATHS; first += AT_ONCE) {
    const paths = Array.from({ length: Math.min(AT_ONCE, PATHS - first) }, (_, index) => `file-${first + index}.txt`);
    for (const path of paths) writeFileSync(join(project, path), 'stale\n');
    const held = await stale.call<Acquired>('acquire', { patterns: paths });
    const taken = await rival.call<Acquired>('acquire', { patterns: paths, wait_seconds: 50 });
    expect(taken.acquired).toHaveLength(paths.length);
    expect(Math.min(...taken.acquired.map(({ token }) => token))).toBeGreaterThan(
      Math.max(...held.acquired.map(({ token }) => token)),
    );
    for (const path of paths) {
      const renewed = await stale.call<Acquired>('acquire', { patterns: [path] });
      expect([renewed.acquired, renewed.conflicts.length], `${path} renewed`).toEqual([[], 1]);
      const released = await stale.call('release', { patterns: [path] });
      expect(released, `${path} released`).toMatchObject({ released: [], not_held: [path] });
      const edited = await stale.edit(path);
      expect(edited.said?.hookSpecificOutput.permissionDecision, `${path} edited`).toBe('deny');
      expect(await commits(path), `${path} committed`).toMatchObject({ code: 1 });
    }
    expect((await rival.call<{ released: string[] }>('release', { patterns: paths })).released).toHaveLength(
      paths.length,
    );
    for (const path of paths) {
      const refused = await commits(path);
      expect(refused, `${path} committed after its new holder`).toMatchObject({ code: 1 });
      expect(refused.stderr).toMatch(/your lock on it ended \(token \d+\)/);
    }
    // Its own again: what it does there is fresh.
    const [again = ''] = paths;
    expect((await stale.call<Acquired>('acquire', { patterns: [again] })).acquired).toHaveLength(1);
    expect(await commits(again)).toMatchObject({ code: 0 });
  }
});
