import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chooseDocumentId, loadBeir } from '../../../src/memory/evaluation/load-beir.js';
import { auroc, meanMetrics, percentile, scoreRanking } from '../../../src/memory/evaluation/metrics.js';

const grades = (...ids: string[]): Map<string, number> => new Map(ids.map((id) => [id, 1]));

it('scores rankings as the definitions do', () => {
  expect(scoreRanking(['a', 'b'], grades('a'))).toEqual({
    'hit@1': 1,
    'hit@5': 1,
    'R@5': 1,
    'MRR@10': 1,
    'nDCG@10': 1,
  });
  const third = scoreRanking(['x', 'y', 'a', 'z', 'w', 'b'], grades('a', 'b'));
  expect(third).toMatchObject({ 'hit@1': 0, 'hit@5': 1, 'R@5': 0.5, 'MRR@10': 1 / 3 });
  expect(third['nDCG@10']).toBeCloseTo((1 / 2 + 1 / Math.log2(7)) / (1 + 1 / Math.log2(3)), 10);
  expect(scoreRanking([...'0123456789', 'a'], grades('a'))).toEqual({
    'hit@1': 0,
    'hit@5': 0,
    'R@5': 0,
    'MRR@10': 0,
    'nDCG@10': 0,
  });
  expect(
    scoreRanking(
      ['b', 'a'],
      new Map([
        ['a', 3],
        ['b', 1],
      ]),
    )['nDCG@10'],
  ).toBeCloseTo((1 + 3 / Math.log2(3)) / (3 + 1 / Math.log2(3)), 10);
});

it('takes means, areas and percentiles', () => {
  const all = [scoreRanking(['a'], grades('a')), scoreRanking(['b'], grades('a'))];
  expect(meanMetrics(all)['hit@1']).toBe(0.5);
  expect(auroc([0.9, 0.5], [0.5, 0.1])).toBe(0.875);
  expect(auroc([0.9], [])).toBeNull();
  expect(percentile([3, 1, 2, 4], 0.5)).toBe(3);
  expect(percentile([], 0.99)).toBe(0);
});

it('strips what follows # only where judgements leave it out', () => {
  expect(['S1#0', 'S1#1', 'S2'].map(chooseDocumentId(['S1#0', 'S1#1', 'S2#0'], new Set(['S1', 'S2'])))).toEqual([
    'S1',
    'S1',
    'S2',
  ]);
  expect(chooseDocumentId(['S1#0', 'S1#1'], new Set(['S1#1']))('S1#0')).toBe('S1#0');
});

it('loads a folder in BEIR form, and names what is wrong with one that is not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'beir-'));
  try {
    await expect(loadBeir(folder)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('qrels.tsv is missing'),
    });
    mkdirSync(join(folder, 'qrels'));
    writeFileSync(join(folder, 'qrels', 'test.tsv'), 'query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n');
    writeFileSync(
      join(folder, 'corpus.jsonl'),
      '{"_id":"d1","title":"T","text":"one"}\n{"_id":"d2","title":"","text":"two"}\n',
    );
    writeFileSync(join(folder, 'queries.jsonl'), '{"_id":"q1","text":"first"}\n\n{"_id":"q2","text":"second"}\n');
    const set = await loadBeir(folder);
    expect(set.documents).toEqual([
      { id: 'd1', content: 'T\none' },
      { id: 'd2', content: 'two' },
    ]);
    expect(set.queries).toEqual([
      { text: 'first', relevant: new Map([['d1', 2]]) },
      { text: 'second', relevant: new Map() },
    ]);
    writeFileSync(join(folder, 'queries.jsonl'), 'not json\n');
    await expect(loadBeir(folder)).rejects.toMatchObject({ message: expect.stringContaining('not json') });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
