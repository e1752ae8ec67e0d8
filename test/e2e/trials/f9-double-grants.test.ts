// F9: eight processes in two worktrees contend for twenty paths and globs; some are stopped beyond their locks' life.
// Never two live holders of overlapping patterns in one worktree, and tokens strictly rise over both. The same in a
// project that excludes across its worktrees, which are one then.
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../support/inputs/canary-secrets.js';
import { findViolations, type Hold } from '../../support/locks/lock-history.js';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { createTestDatabase } from '../../support/setup/database.js';
import type { EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';
import { trialCount } from '../../support/setup/trial.js';

const CONTENDERS = 8;
/** acquire and release are two. */
const OPERATIONS = trialCount(1_200, 100_000);
const STOPS = trialCount(2, 50);
/** Of the process that is stopped beyond it. */
const SHORT_LIFE = { POPSTASH_LOCK_EXPIRY_MINUTES: '0.02' };

/** What each pattern matches, written down by hand. */
const REACH: Record<string, string[]> = {
  'README.md': ['README.md'],
  'docs/a.md': ['docs/a.md'],
  'docs/b.md': ['docs/b.md'],
  'docs/{a,b}.md': ['docs/a.md', 'docs/b.md'],
  'docs/*.md': ['docs/a.md', 'docs/b.md', 'docs/ab.md'],
  'docs/[ab].md': ['docs/a.md', 'docs/b.md'],
  'docs/a?.md': ['docs/ab.md'],
  'docs/**': ['docs/a.md', 'docs/b.md', 'docs/ab.md'],
  'src/main.ts': ['src/main.ts'],
  'src/*.ts': ['src/main.ts', 'src/util.ts'],
  'src/**': ['src/main.ts', 'src/util.ts', 'src/app/page.tsx', 'src/app/main.ts', 'src/app/deep/x.ts'],
  'src/**/*.ts': ['src/main.ts', 'src/util.ts', 'src/app/main.ts', 'src/app/deep/x.ts'],
  '**/*.ts': ['src/main.ts', 'src/util.ts', 'src/app/main.ts', 'src/app/deep/x.ts', 'test/x.ts'],
  '**/*.md': ['README.md', 'docs/a.md', 'docs/b.md', 'docs/ab.md'],
  'src/app/page.tsx': ['src/app/page.tsx'],
  'src/app/deep/x.ts': ['src/app/deep/x.ts'],
  'src/*/main.ts': ['src/app/main.ts'],
  'src/{main,util}.ts': ['src/main.ts', 'src/util.ts'],
  'test/x.ts': ['test/x.ts'],
  'test/**': ['test/x.ts'],
};
const PATTERNS = Object.keys(REACH);

interface Granted {
  acquired: { pattern: string; token: number; expires_at: string }[];
}

interface Contender {
  client: TestClient;
  /** The worktree it works in; '' for all of them, where they exclude each other. */
  place: string;
  holds: Hold[];
  operations: number;
}

async function contend(name: string, contender: Contender, seed: number): Promise<void> {
  const random = createRandom(seed);
  const pick = () => PATTERNS[Math.floor(random() * PATTERNS.length)] ?? '';
  while (contender.operations < OPERATIONS / CONTENDERS) {
    const wanted = random() < 0.3 ? [...new Set([pick(), pick()])] : [pick()];
    const mode = random() < 0.15 ? 'shared' : 'exclusive';
    const wait_seconds = random() < 0.2 ? 1 : 0;
    contender.operations += 1;
    const result = await contender.client.callRaw('acquire', { patterns: wanted, mode, wait_seconds });
    // A cycle of waits is refused with an error.
    const { acquired = [] } = (result.structuredContent ?? {}) as unknown as Partial<Granted>;
    if (acquired.length === 0) continue;
    const from = Date.now();
    if (random() < 0.5) await contender.client.call('ping');
    contender.operations += 1;
    const until = Date.now();
    for (const lock of acquired) {
      contender.holds.push({
        owner: name,
        pattern: contender.place + lock.pattern,
        mode,
        token: lock.token,
        from,
        until: Math.min(until, Date.parse(lock.expires_at)),
      });
    }
    await contender.client.call('release', { patterns: wanted });
  }
}

/** Takes a path, is stopped until another agent has it, and goes on as if nothing had happened. */
async function overstay(sleeper: TestClient, rival: TestClient, path: string, place: string): Promise<Hold[]> {
  const held = await sleeper.call<Granted>('acquire', { patterns: [path], wait_seconds: 50 });
  const from = Date.now();
  sleeper.kill('SIGSTOP');
  const taken = await rival.call<Granted>('acquire', { patterns: [path], wait_seconds: 50 });
  const takenAt = Date.now();
  sleeper.kill('SIGCONT');
  const [mine, other] = [held.acquired[0], taken.acquired[0]];
  if (!mine || !other) throw new Error(`${path} was not granted within 50 s`);
  expect(other.token).toBeGreaterThan(mine.token);
  expect(await sleeper.call('release', { patterns: [path] })).toMatchObject({ released: [], not_held: [path] });
  // Nor can it take it back while the other one holds it.
  expect((await sleeper.call<Granted>('acquire', { patterns: [path] })).acquired).toEqual([]);
  const until = Date.now();
  await rival.call('release', { patterns: [path] });
  return [
    {
      ...{ owner: 'sleeper', pattern: place + path, mode: 'exclusive', token: mine.token },
      ...{ from, until: Date.parse(mine.expires_at) },
    },
    { owner: 'rival', pattern: place + path, mode: 'exclusive', token: other.token, from: takenAt, until },
  ];
}

/** A repository and a second worktree of it. */
function createWorktrees(): [string, string] {
  const main = createFolder();
  const second = `${createFolder()}/second`;
  const git = (...args: string[]) => execFileSync('git', args, { cwd: main, stdio: ['ignore', 'ignore', 'pipe'] });
  git('init', '-q');
  git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-q', '--allow-empty', '-m', 'first');
  git('worktree', 'add', '-q', second);
  return [main, second];
}

describe.each([
  ['server', 'warn'],
  ['embedded', 'warn'],
  ['server', 'deny'],
] as const)('F9, %s, worktrees %s', (mode, policy) => {
  test('never two live holders of overlapping patterns', async () => {
    const env: EnvironmentChange = {
      ...(mode === 'server'
        ? { DATABASE_URL: (await createTestDatabase()).url }
        : { POPSTASH_DATA_DIR: createDataFolder(), ...SHORT_LIFE }),
      POPSTASH_WORKTREES: policy,
    };
    const folders = createWorktrees();
    const placeOf = (index: number) => (policy === 'warn' ? `${index % 2}:` : '');
    const contenders: Contender[] = [];
    for (let index = 0; index < CONTENDERS; index += 1) {
      const client = await connectClient({ env, cwd: folders[(index % 2) as 0 | 1] });
      contenders.push({ client, place: placeOf(index), holds: [], operations: 0 });
    }
    const sleeper = await connectClient({ env: { ...env, ...SHORT_LIFE }, cwd: folders[0] });
    const rival = await connectClient({ env, cwd: folders[0] });
    const history: Hold[] = [];
    const stops = (async () => {
      for (let round = 0; round < STOPS; round += 1) {
        const path = ['src/util.ts', 'docs/ab.md'][round % 2] ?? '';
        history.push(...(await overstay(sleeper, rival, path, placeOf(0))));
      }
    })();
    await Promise.all([stops, ...contenders.map((each, index) => contend(`agent ${index}`, each, index + 1))]);
    history.push(...contenders.flatMap(({ holds }) => holds));
    expect(findViolations(history, placeReach(policy === 'warn' ? ['0:', '1:'] : ['']))).toEqual([]);
    // It was a contest: most operations met others, and many were granted.
    expect(history.length).toBeGreaterThan(OPERATIONS / 10);
    expect(new Set(history.map(({ token }) => token)).size).toBe(history.length);
  });
});

const REACH_WITH_STOPS = { ...REACH, 'src/util.ts': ['src/util.ts'], 'docs/ab.md': ['docs/ab.md'] };

/** What the patterns of each worktree match: other files than those of another one. */
function placeReach(places: readonly string[]): Record<string, string[]> {
  return Object.fromEntries(
    places.flatMap((place) =>
      Object.entries(REACH_WITH_STOPS).map(([pattern, paths]) => [place + pattern, paths.map((path) => place + path)]),
    ),
  );
}
