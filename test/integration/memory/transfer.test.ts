// Export and import on both databases: round trips, repetition, names in use, and taking an import back.
import { beforeEach, describe, expect, test } from 'vitest';
import { createAuthorRepository } from '../../../src/memory/authors/author-repository.js';
import { createDecisionRepository } from '../../../src/memory/decisions/decision-repository.js';
import { createForgetRepository } from '../../../src/memory/forget/forget-repository.js';
import { createInsightRepository } from '../../../src/memory/insights/insight-repository.js';
import { toRecord } from '../../../src/memory/sources/source-types.js';
import { createStashRepository } from '../../../src/memory/stashes/stash-repository.js';
import { linkVersions, readRecord, writeRecord } from '../../../src/memory/transfer/own-format.js';
import type { ExportRecord, ImportRecord } from '../../../src/memory/transfer/transfer-types.js';
import { newId } from '../../../src/text/ids.js';
import { exportAll, openTransfer } from '../../support/memory/transfer-service.js';
import { DATABASE_MODES, openBothDatabases } from '../../support/setup/both-databases.js';

const databases = await openBothDatabases();
let serial = 0;

describe.each(DATABASE_MODES)('%s', (mode) => {
  const pool = databases[mode];
  const embedded: string[] = [];
  const transfer = openTransfer(pool, (ids) => void embedded.push(...ids));
  const insights = createInsightRepository(pool);
  let project: { id: string; root: string };
  let actor: { projectId: string; agentId: string; sessionId: null };

  beforeEach(async () => {
    project = await createProject();
    actor = { projectId: project.id, agentId: `agent_${serial}`, sessionId: null };
    await createAuthorRepository(pool).know(project, [{ id: actor.agentId, name: 'Ada' }], 'person');
    embedded.length = 0;
  });

  async function createProject() {
    serial += 1;
    const made = { id: `proj_${serial}`, root: `/p/${serial}` };
    await createAuthorRepository(pool).know(made, [], 'person');
    return made;
  }

  const saveInsight = (key: string | null, content: string) =>
    insights.save(actor, { id: newId('insight_'), key, content, tags: ['a', 'b,c'] });

  async function fill(): Promise<void> {
    await saveInsight('key', 'one');
    await saveInsight('key', 'two');
    await saveInsight(null, 'alone');
    await saveInsight(null, 'alone');
    const stashes = createStashRepository(pool);
    const stash = { files: ['x.ts'], metadata: { n: 1 }, ttlDays: 3 };
    await stashes.save(actor, { ...stash, id: newId('stash_'), name: 'wip', summary: 'half' });
    await stashes.save(actor, { ...stash, id: newId('stash_'), name: 'wip', summary: 'done', ttlDays: null });
    const decisions = createDecisionRepository(pool);
    const first = await decisions.save(actor, {
      id: newId('dec_'),
      topic: 't',
      decision: 'X',
      reasoning: 'r',
      supersedes: null,
    });
    await decisions.save(actor, {
      id: newId('dec_'),
      topic: 't',
      decision: 'Y',
      reasoning: null,
      supersedes: first?.id ?? null,
    });
  }

  /** An export as a file has it, read again. */
  const asFile = (records: readonly ExportRecord[]): ImportRecord[] =>
    linkVersions(
      records.map((record) => {
        const read = readRecord(writeRecord(record));
        if (typeof read === 'string') throw new Error(read);
        return read;
      }),
    );

  async function importAll(into: typeof project, records: readonly ImportRecord[], origin = 'test') {
    const id = await transfer.begin(into, { source: 'test', origin, importedBy: 'me' });
    const outcomes = await transfer.importSome(into, id, records);
    await transfer.finish({ ...actor, projectId: into.id }, id);
    return { id, outcomes, kinds: outcomes.map(({ outcome }) => outcome) };
  }

  const live = async (projectId: string) =>
    (await exportAll(transfer, projectId, false)).map(({ name, text }) => [name, text]);
  const countPassages = async (projectId: string) =>
    (await pool.query('SELECT count(*)::int AS n FROM passages WHERE project_id = $1', [projectId])).rows[0].n;

  test('export, import into an empty store and export are equal, ids and times included', async () => {
    await fill();
    const before = await exportAll(transfer, project.id);
    expect(before.length).toBe(8);
    const passages = await countPassages(project.id);
    await pool.query('DELETE FROM projects WHERE id = $1', [project.id]);
    const { kinds } = await importAll(project, asFile(before));
    expect(new Set(kinds)).toEqual(new Set(['new']));
    expect((await exportAll(transfer, project.id)).map(writeRecord)).toEqual(before.map(writeRecord));
    expect(await countPassages(project.id)).toBe(passages);
    expect(embedded).toHaveLength(passages);
  });

  test('beside the original the ids differ, and nothing else; a second import adds nothing', async () => {
    await fill();
    const other = await createProject();
    const records = asFile(await exportAll(transfer, project.id));
    expect((await importAll(other, records)).kinds).toEqual(records.map(() => 'new'));
    const ids = new Map((await exportAll(transfer, project.id)).map(({ id }, index) => [id, `id ${index}`]));
    const copy = await exportAll(transfer, other.id);
    const plain = (record: ExportRecord, names: ReadonlyMap<string, string>) =>
      writeRecord({
        ...record,
        id: names.get(record.id) ?? '',
        supersededBy: names.get(record.supersededBy ?? '') ?? null,
      });
    const order = (lines: string[]) => lines.map((line) => line.replace(/id \d+/g, 'id')).sort();
    const copied = new Map(copy.map(({ id }, index) => [id, `id ${index}`]));
    expect(order(copy.map((record) => plain(record, copied)))).toEqual(
      order((await exportAll(transfer, project.id)).map((record) => plain(record, ids))),
    );
    const again = await importAll(other, records);
    expect(again.kinds).toEqual(records.map(() => 'duplicate'));
    expect((await exportAll(transfer, other.id)).length).toBe(records.length);
    expect((await transfer.listImports(other.id)).length).toBe(1);
  });

  test('a dry run says the same as the import, and writes nothing', async () => {
    await fill();
    const other = await createProject();
    const records = asFile(await exportAll(transfer, project.id));
    const dry = await transfer.importSome(other, null, records);
    expect(await exportAll(transfer, other.id)).toEqual([]);
    expect((await importAll(other, records)).kinds).toEqual(dry.map(({ outcome }) => outcome));
  });

  test('a version that was written elsewhere follows the one that is live here; undoing it brings that one back', async () => {
    const { id } = await saveInsight('key', 'one');
    const [record] = asFile(await exportAll(transfer, project.id));
    if (!record) throw new Error('nothing was exported');
    const newer = { ...record, id: newId('insight_'), version: 2, text: 'two' };
    const run = await importAll(project, linkVersions([{ ...record, supersededBy: newer.id }, newer]));
    expect(run.kinds).toEqual(['duplicate', 'new']);
    expect(await live(project.id)).toEqual([['key', 'two']]);
    expect(await transfer.undo(actor, run.id)).toEqual({ id: run.id, removed: 1, revived: 1, kept: 0 });
    expect((await exportAll(transfer, project.id)).map((each) => [each.id, each.supersededBy])).toEqual([[id, null]]);
    expect(await countPassages(project.id)).toBe(1);
  });

  const foreign = (key: string, text: string, name: string | null = null): ImportRecord =>
    toRecord('elsewhere', { kind: 'insight', key, text, name });

  test('a name that is in use stays with its memory, in any case and Unicode form; both are reachable', async () => {
    await saveInsight('Käse', 'ours');
    const run = await importAll(project, [
      foreign('1', 'theirs', `${'kä'.normalize('NFD')}se`),
      foreign('2', 'third', 'KÄSE'),
    ]);
    expect(run.outcomes.map(({ renamed }) => renamed)).toEqual([`${'kä'.normalize('NFD')}se (2)`, 'KÄSE (3)']);
    expect((await live(project.id)).map(([, text]) => text).sort()).toEqual(['ours', 'theirs', 'third']);
  });

  test('what a source says again is a duplicate, what it changed is a new version, what was changed here stays', async () => {
    const first = [foreign('a', 'A', 'a'), foreign('b', 'B', 'b'), foreign('c', 'C', 'c'), foreign('d', 'D')];
    await importAll(project, first);
    const [a, , c] = (await exportAll(transfer, project.id)).sort((x, y) => (x.text < y.text ? -1 : 1));
    await createForgetRepository(pool).forget(actor, 'insight', c?.id ?? '', null);
    await saveInsight('b', 'B, edited here');
    await saveInsight(null, 'equal');
    const second = [
      foreign('a', 'A2', 'a'),
      foreign('b', 'B2', 'b'),
      foreign('c', 'C'),
      foreign('d', 'D'),
      foreign('e', 'equal'),
    ];
    const run = await importAll(project, second);
    expect(run.kinds).toEqual(['updated', 'changed_here', 'changed_here', 'duplicate', 'duplicate']);
    const texts = (await live(project.id)).map(([, text]) => text).sort();
    expect(texts).toEqual(['A2', 'B, edited here', 'D', 'equal']);
    expect(await transfer.undo(actor, run.id)).toMatchObject({ removed: 1, revived: 1 });
    const records = await exportAll(transfer, project.id);
    expect(records.find(({ id }) => id === a?.id)).toMatchObject({
      supersededBy: null,
      provenance: { source: 'elsewhere', key: 'a' },
    });
  });

  test('undo takes the latest import back, but not what was edited since; then it can be imported again', async () => {
    await saveInsight('mine', 'mine');
    const records = [foreign('1', 'one', 'one'), foreign('2', 'two', 'two')];
    const older = await importAll(project, [foreign('0', 'zero')]);
    const run = await importAll(project, records);
    await saveInsight('two', 'two, edited');
    expect(await transfer.undo(actor, null)).toEqual({ id: run.id, removed: 1, revived: 0, kept: 1 });
    expect((await live(project.id)).map(([, text]) => text).sort()).toEqual(['mine', 'two, edited', 'zero']);
    await expect(transfer.undo(actor, run.id)).rejects.toThrow('There is no import');
    expect((await importAll(project, records)).kinds).toEqual(['new', 'new']);
    expect((await transfer.listImports(project.id)).map(({ id, memories }) => [id === older.id, memories])).toEqual([
      [false, 2],
      [true, 1],
    ]);
    const { rows } = await pool.query(
      'SELECT type FROM activities WHERE project_id = $1 AND type LIKE $2 ORDER BY id',
      [project.id, 'import%'],
    );
    expect(rows.map(({ type }) => type)).toEqual(['import', 'import', 'import_undone', 'import']);
  });

  test('undo takes memories of every kind back with their versions, and brings every kind back that it had replaced', async () => {
    await fill();
    const before = await exportAll(transfer, project.id);
    const passages = await countPassages(project.id);
    const newer = asFile(before).flatMap((record) => {
      if (record.supersededBy !== null || record.name === null) return [record];
      const next = { ...record, id: `${record.id}x`, version: 9, text: `${record.text}, newer`, supersededBy: null };
      return [{ ...record, supersededBy: next.id }, next];
    });
    const run = await importAll(project, linkVersions(newer));
    expect(run.kinds.filter((kind) => kind === 'new')).toHaveLength(3);
    expect((await live(project.id)).filter(([, text]) => text?.endsWith('newer'))).toHaveLength(3);
    expect(await transfer.undo(actor, run.id)).toMatchObject({ removed: 3, revived: 3, kept: 0 });
    expect((await exportAll(transfer, project.id)).map(writeRecord)).toEqual(before.map(writeRecord));
    expect(await countPassages(project.id)).toBe(passages);

    const other = await createProject();
    const whole = await importAll(other, asFile(before));
    expect(await transfer.undo({ ...actor, projectId: other.id }, whole.id)).toMatchObject({
      removed: 8,
      revived: 0,
      kept: 0,
    });
    expect(await exportAll(transfer, other.id)).toEqual([]);
    expect(await countPassages(other.id)).toBe(0);
  });

  test('secrets are taken out and told; a record that breaks a rule is refused alone', async () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const run = await importAll(project, [
      foreign('1', `the token is ${token}`),
      foreign('2', ' '),
      foreign('3', 'x', 'two\nlines'),
      foreign('4', 'fine'),
      { ...foreign('5', 'y'), id: 'dec_1' },
    ]);
    expect(run.kinds).toEqual(['new', 'refused', 'refused', 'new', 'refused']);
    expect(run.outcomes[0]?.redacted).toHaveLength(1);
    expect(run.outcomes[1]?.reason).toBe('text is blank.');
    expect(JSON.stringify(await live(project.id))).not.toContain(token);
  });

  test('pages hold at most a million characters, or one memory', async () => {
    for (const letter of ['a', 'b', 'c']) await saveInsight(null, letter.repeat(600_000).slice(0, 240_000));
    await pool.query(`UPDATE insights SET content = repeat(left(content, 1), 700000) WHERE project_id = $1`, [
      project.id,
    ]);
    expect((await transfer.exportPage(project.id, null, true)).records).toHaveLength(1);
    expect((await exportAll(transfer, project.id)).map(({ text }) => text[0]).sort()).toEqual(['a', 'b', 'c']);
  });
});
