// Memories of before the rules for every script: indexed again by a job, some at a time, in both modes.
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { findLexemePasses, refreshLexemes } from '../../../src/memory/passages/refresh-lexemes.js';
import { createSearch } from '../../../src/memory/search/search.js';
import { writeMemory } from '../../support/memory/write-memories.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const logger = pino({ level: 'silent' });
const databases = await openBothDatabases();
const NOTE = '数据库连接池的大小设为二十';

describe.each(DATABASE_MODES)('%s', (mode) => {
  const pool = databases[mode];
  const find = async (query: string): Promise<string[]> => {
    const queryEmbedder = { embedQuery: () => Promise.resolve(null), close: () => Promise.resolve() };
    const search = createSearch({ pool, queryEmbedder });
    return (await search.search({ projectId: 'project', query, kinds: ['insight'], limit: 5 })).hits.map(
      ({ id }) => id,
    );
  };

  /** The lexemes of the migration of before, and the row that a migration leaves. */
  async function forgetRules(): Promise<void> {
    await pool.query(`UPDATE passages SET tsv = to_tsvector('simple', 'old'), lexeme_count = 1`);
    await pool.query(`INSERT INTO lexeme_passes (name, last_id) SELECT 'test', max(id) FROM passages`);
  }

  beforeEach(async () => {
    await pool.query('TRUNCATE projects CASCADE; TRUNCATE lexeme_passes');
  });

  it('finds an older memory once the job has run, and leaves ASCII texts alone', async () => {
    const id = await writeMemory(pool, { text: NOTE });
    const ascii = await writeMemory(pool, { text: 'a connection pool' });
    await forgetRules();
    expect(await find('连接池')).toEqual([]);
    await refreshLexemes(pool, logger);
    expect(await find('连接池')).toEqual([id]);
    const { rows } = await pool.query('SELECT tsv::text FROM passages WHERE owner_id = $1', [ascii]);
    expect(rows).toEqual([{ tsv: `'old':1` }]);
    expect(await findLexemePasses(pool)).toEqual([]);
  });

  it('goes on where it stopped, over more passages than one statement takes', async () => {
    for (let n = 0; n < 120; n++) await writeMemory(pool, { text: `${NOTE} ${n}` });
    await forgetRules();
    const { rows } = await pool.query<{ half: string }>(
      'SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY id) AS half FROM passages',
    );
    await pool.query('UPDATE lexeme_passes SET done_id = $1', [rows[0]?.half]);
    expect(await findLexemePasses(pool)).toHaveLength(1);
    await Promise.all([refreshLexemes(pool, logger), refreshLexemes(pool, logger)]);
    await refreshLexemes(pool, logger);
    const left = await pool.query(
      `SELECT count(*)::integer AS n FROM passages WHERE tsv = to_tsvector('simple', 'old')`,
    );
    expect(left.rows).toEqual([{ n: 60 }]);
  });
});
