import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openReader, type ReaderDeps } from '../../../src/accountability/reader/read-passes.js';
import type { ReadProgress, TranscriptReader } from '../../../src/accountability/reader/reader-types.js';
import { createLogger } from '../../../src/logger.js';
import { identifyProject } from '../../../src/project/resolve-project.js';
import { environmentOf } from '../../support/ledger/client-histories/read-all.js';
import { emptyLedger, ledgerContext } from '../../support/ledger/ledger-fixture.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';
import { createFolder } from '../../support/setup/folders.js';
import { pathIdentities } from '../../support/setup/identities.js';

const databases = await openBothDatabases();
const RECORDED = join(
  import.meta.dirname,
  '..',
  '..',
  'fixtures',
  'transcripts',
  'claude',
  'projects',
  '-home-dev-shop',
);
const SESSION = '4d1e3657-7897-4b02-b80c-fd99d8dff335';

/** A row of Claude Code's transcript. */
function row(id: string, { cwd = '/gone/repo', output = 10 } = {}): string {
  const usage = { input_tokens: 1, output_tokens: output };
  const message = { id: `msg_${id}`, model: 'claude-opus-4-5', stop_reason: 'end_turn', usage };
  const at = { timestamp: '2026-06-01T10:00:00.000Z', cwd };
  return `${JSON.stringify({ type: 'assistant', sessionId: 's', requestId: `req_${id}`, ...at, message })}\n`;
}

describe.each(DATABASE_MODES)("reading of clients' files, %s", (mode) => {
  const pool = databases[mode];
  let home = '';
  let recorded = 0;

  beforeEach(async () => {
    await emptyLedger(pool);
    home = createFolder('ps-home-');
    recorded = 0;
  });

  const readerOf = (change: Partial<ReaderDeps> = {}): TranscriptReader =>
    openReader({
      pool,
      book: ledgerContext.book,
      environment: environmentOf(home),
      identities: pathIdentities,
      host: 'here',
      logger: createLogger('silent', 'test'),
      costDays: 0,
      onRecorded: () => {
        recorded += 1;
      },
      ...change,
    });

  /** A session file of Claude Code below the home. */
  function sessionFile(name = 'a'): string {
    const folder = join(home, '.claude', 'projects', '-repo');
    mkdirSync(folder, { recursive: true });
    return join(folder, `${name}.jsonl`);
  }

  async function entries<T = { keys: string[]; output: number; project_id: string }>(): Promise<T[]> {
    const { rows } = await pool.query(
      `SELECT keys, output_tokens::int AS output, project_id, worktree FROM usage_entries ORDER BY keys[1]`,
    );
    return rows as T[];
  }

  test('a file that appears, grows, is torn, is replaced and vanishes', async () => {
    const reader = readerOf();
    expect(await reader.readAll()).toMatchObject({ filesFound: 0, files: 0, inserted: 0 });
    const file = sessionFile();
    writeFileSync(file, row('1'));
    expect(await reader.readAll()).toMatchObject({ filesFound: 1, files: 1, filesRead: 1, inserted: 1 });
    const torn = row('2');
    appendFileSync(file, torn.slice(0, 40));
    expect(await reader.readAll()).toMatchObject({ files: 1, inserted: 0 });
    appendFileSync(file, torn.slice(40) + row('1', { output: 12 }));
    expect(await reader.readAll()).toMatchObject({ files: 1, inserted: 1, updated: 1 });
    expect(await reader.readAll()).toMatchObject({ filesFound: 1, files: 0, filesRead: 0 });
    rmSync(file);
    writeFileSync(file, row('3'));
    expect(await reader.readAll()).toMatchObject({ files: 1, inserted: 1 });
    rmSync(file);
    expect(await reader.readAll()).toMatchObject({ filesFound: 0, files: 0 });
    expect((await entries()).map(({ output }) => output)).toEqual([12, 10, 10]);
    expect(recorded).toBe(3);
  });

  test('files that have not changed are looked at and nothing more, by a later process too', async () => {
    for (const name of ['a', 'b', 'c']) writeFileSync(sessionFile(name), row(name));
    await readerOf().readAll();
    const reader = readerOf();
    const before = await pool.query('SELECT path, read_at FROM transcript_files ORDER BY path');
    expect(await reader.readAll()).toMatchObject({ filesFound: 3, files: 0 });
    expect((await pool.query('SELECT path, read_at FROM transcript_files ORDER BY path')).rows).toEqual(before.rows);
    // From here on it remembers: no database is asked.
    const alone = readerOf({ pool: { ...pool, query: () => expect.fail('a query') } as never });
    await expect(alone.readAll()).rejects.toThrow('a query');
  });

  test('what cannot be written keeps its file, and no other one, from being read', async () => {
    writeFileSync(sessionFile('good'), row('good'));
    // A time that no database holds.
    writeFileSync(sessionFile('bad'), row('bad').replace('2026-06-01T10:00:00.000Z', '+275000-01-01T00:00:00.000Z'));
    writeFileSync(sessionFile('other'), row('other'));
    const summary = await readerOf().readAll();
    expect((await entries()).map(({ keys }) => keys[0])).toEqual(['message:msg_good', 'message:msg_other']);
    expect(summary).toMatchObject({ inserted: 2, filesRead: 2, filesNotRead: 1 });
    expect(summary.notRead).toEqual([{ client: 'claude', path: sessionFile('bad'), reason: expect.any(String) }]);
  });

  test('a file that another reader has is left to it', async () => {
    writeFileSync(sessionFile(), row('1'));
    const readers = Array.from({ length: 6 }, () => readerOf());
    const summaries = await Promise.all(readers.map((reader) => reader.readAll()));
    expect(summaries.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(1);
    expect(await entries()).toHaveLength(1);
    await readerOf().readAll();
    const { rows } = await pool.query('SELECT claim, claimed_until FROM transcript_files');
    expect(rows).toEqual([{ claim: null, claimed_until: null }]);
  });

  test('an order of a hook reads the session with its sub-agents, and no other file', async () => {
    const folder = join(home, '.claude', 'projects', '-home-dev-shop');
    cpSync(RECORDED, folder, { recursive: true });
    writeFileSync(sessionFile('elsewhere'), row('1'));
    const reader = readerOf();
    const path = join(folder, `${SESSION}.jsonl`);
    expect(await reader.readOrder({ client: 'claude', path })).toMatchObject({ filesFound: 2, filesRead: 2 });
    const { rows } = await pool.query('SELECT DISTINCT subagent IS NULL AS main FROM usage_entries');
    expect(rows).toHaveLength(2);
    expect(await reader.readOrder({ client: 'claude', path: '/etc/passwd' })).toMatchObject({ filesFound: 0 });
    expect(await reader.readOrder({ client: 'claude', path: 'relative.jsonl' })).toMatchObject({ filesFound: 0 });
    expect(await reader.readOrder({ client: 'nobody' })).toMatchObject({ filesFound: 0 });
    // The session that was resumed, and the one above.
    expect(await reader.readOrder({ client: 'claude' })).toMatchObject({ files: 2 });
  });

  test('an entry is of the project of its folder, or of the folder itself once that is gone', async () => {
    const repo = createFolder('ps-repo-');
    mkdirSync(join(repo, '.git'));
    writeFileSync(join(repo, '.git', 'HEAD'), 'ref: refs/heads/main\n');
    mkdirSync(join(repo, 'packages'));
    const gone = join(repo, 'gone');
    writeFileSync(
      sessionFile(),
      row('1', { cwd: join(repo, 'packages') }) + row('2', { cwd: gone }) + row('3', { cwd: 'C:\\other\\machine' }),
    );
    await readerOf().readAll();
    const { id, worktree } = await pathIdentities.resolve(repo, undefined);
    expect(await entries()).toMatchObject([
      { project_id: id, worktree },
      { project_id: identifyProject(gone), worktree: gone },
      { project_id: identifyProject('C:\\other\\machine'), worktree: 'C:\\other\\machine' },
    ]);
    const { rows } = await pool.query('SELECT root FROM projects WHERE id = $1', [identifyProject(gone)]);
    expect(rows).toEqual([{ root: gone }]);
  });

  test('a folder that the user names is searched as a home and as the folder of a client, with progress', async () => {
    const copy = createFolder('ps-copy-');
    cpSync(RECORDED, join(copy, 'projects', '-home-dev-shop'), { recursive: true });
    writeFileSync(sessionFile(), row('1'));
    const seen: ReadProgress[] = [];
    const summary = await readerOf().readAll({ folder: copy, onProgress: (progress) => seen.push(progress) });
    expect(summary).toMatchObject({ filesFound: 3, filesRead: 3 });
    expect(seen[0]).toMatchObject({ files: 3, filesRead: 0, bytesRead: 0 });
    expect(seen.at(-1)).toEqual({
      files: 3,
      filesRead: 3,
      bytes: summary.bytes,
      bytesRead: summary.bytes,
      newRequests: summary.inserted,
    });
    expect(await readerOf().readAll({ folder: home, client: 'codex' })).toMatchObject({ filesFound: 0 });
    expect(await readerOf().readAll({ folder: home, client: 'claude' })).toMatchObject({ inserted: 1 });
  });

  test('a reading that is ended goes on later where it was', async () => {
    const lines = Array.from({ length: 4_000 }, (_, index) => row(String(index)));
    writeFileSync(sessionFile(), lines.join(''));
    const stopping = new AbortController();
    const reader = readerOf({ step: { bytes: 20_000, rows: 1 } });
    const summary = await reader.readAll({
      signal: stopping.signal,
      onProgress: ({ newRequests }) => newRequests > 0 && stopping.abort(),
    });
    expect(summary.isAborted).toBe(true);
    expect(summary.inserted).toBeGreaterThan(0);
    expect(summary.inserted).toBeLessThan(4_000);
    const rest = await readerOf().readAll();
    expect(rest.inserted).toBe(4_000 - summary.inserted);
    expect(await entries()).toHaveLength(4_000);
    expect(readFileSync(sessionFile(), 'utf8')).toHaveLength(lines.join('').length);
  });

  test('a database that is away ends the reading with its error, and nothing is taken for read', async () => {
    writeFileSync(sessionFile(), row('1'));
    const { connect } = pool;
    Object.assign(pool, {
      connect(...callback: unknown[]): unknown {
        // Single statements go through: the transaction that writes does not.
        if (callback.length > 0) return Reflect.apply(connect, pool, callback);
        return Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
      },
    });
    const reader = readerOf();
    await expect(reader.readAll()).rejects.toThrow('ECONNREFUSED');
    expect(recorded).toBe(0);
    Reflect.deleteProperty(pool, 'connect');
    await pool.query(`UPDATE transcript_files SET claimed_until = NULL`);
    expect(await reader.readAll()).toMatchObject({ inserted: 1 });
  });
});
