import { expect, it } from 'vitest';
import { segmentQuery } from '../../../src/memory/search/segment-query.js';

const named = (query: string): string[] =>
  segmentQuery(query)
    .words.filter(({ functional }) => !functional)
    .map(({ text }) => text);

it.each([
  ['我们的数据库连接池应该设置多大？', ['数据库', '连接池', '设置']],
  ['データベースの移行はどうしますか', ['データベース', '移行']],
  ['데이터베이스를 어떻게 옮기나요', ['데이터베이스', '옮기나요']],
  ['ฐานข้อมูลต้องสำรองทุกวันอย่างไร', ['ฐาน', 'ข้อมูล', 'สำรอง', 'ทุก', 'วัน']],
])('finds the words of %s that name something', (query, words) => {
  expect(named(query)).toEqual(words);
});

it('cuts words into pairs, of alphabets into threes, and keeps the seams', () => {
  const grams = segmentQuery('数据库迁移').words.flatMap((word) => word.grams);
  expect(grams).toEqual(['数据', '据库', '迁移', '库迁']);
  expect(segmentQuery('คุกกี้').words[0]?.grams).toEqual(['คุก', 'ุกก', 'กกี', 'กี้']);
});

it('asks for function words when there is nothing else', () => {
  expect(named('怎么')).toEqual(['怎么']);
});

it('says how much of a query the model can read', () => {
  expect(segmentQuery('PROJ-12 database').knownShare).toBe(1);
  expect(segmentQuery('42').knownShare).toBe(1);
  expect(segmentQuery('{}').knownShare).toBe(1);
  expect(segmentQuery('🚀').knownShare).toBe(0);
  expect(segmentQuery('🚀 deploy').knownShare).toBe(1);
  expect(segmentQuery('café déjà vu').knownShare).toBe(1);
  expect(segmentQuery('миграция').knownShare).toBe(0);
  expect(segmentQuery('FastAPI 连接池').knownShare).toBeCloseTo(7 / 14.5);
});
