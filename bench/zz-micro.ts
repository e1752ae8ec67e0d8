import { findNearest } from '../src/memory/passage-index/compare-vectors.js';
import { createProjectIndex } from '../src/memory/passage-index/project-index.js';
import { scoreWords } from '../src/memory/passage-index/score-words.js';
import { shortNotes } from './support/short-notes.js';

const N = Number(process.argv[2] ?? 50000);
const texts = shortNotes(36000);
const index = createProjectIndex('p');
const t = performance.now();
const v = new Float32Array(384).map(() => Math.random() - 0.5);
{
  let s = 0;
  for (const x of v) s += x * x;
  s = Math.sqrt(s);
  for (let d = 0; d < 384; d++) v[d]! /= s;
}
for (let i = 0; i < N; i++) {
  const words = texts[i % 36000]!.split(/[ ,]+/);
  const lex = [...new Set(words)].map((w, k) => `'${w}':${k + 1}`).join(' ');
  const vec = new Float32Array(384);
  let s = 0;
  for (let d = 0; d < 384; d++) {
    vec[d] = v[d]! + (Math.random() - 0.5) * 0.2;
    s += vec[d]! ** 2;
  }
  s = Math.sqrt(s);
  for (let d = 0; d < 384; d++) vec[d]! /= s;
  index.put({
    id: i + 1,
    projectId: 'p',
    kind: 'insight',
    ownerId: `insight_${i}`,
    start: 0,
    end: 9,
    expiresAt: null,
    lexemes: lex,
    length: words.length,
    vector: vec,
  });
}
console.log('built', (performance.now() - t).toFixed(0), 'rss', (process.memoryUsage().rss / 1e6).toFixed(0));
const cpu = async (name: string, f: () => any) => {
  const l: number[] = [];
  for (let i = 0; i < 15; i++) {
    const a = process.cpuUsage();
    await f();
    const b = process.cpuUsage(a);
    l.push(b.user / 1000);
  }
  l.sort((a, b) => a - b);
  console.log(name, 'cpu min', l[0], 'med', l[7]);
};
const lexemes = texts[77]!
  .split(/[ ,]+/)
  .map((lexeme, i) => ({ ord: i + 1, lexeme, identifier: false, stop: false, weight: null }));
const KINDS = ['insight', 'decision', 'stash'] as const;
let sc: any;
await cpu('scoreWords', () => {
  sc = scoreWords(index, lexemes, KINDS, Date.now());
});
await cpu('ofOwners', () => sc.ofOwners([...index.owners.values()].slice(0, 100)));
await cpu('nearest', () => findNearest(index, v, KINDS, new Set(['insight_3']), Date.now()));
