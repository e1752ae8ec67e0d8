import { openEvaluation } from '../src/app/open-evaluation.js';
import { createLogger } from '../src/logger.js';
import { parseConfig } from '../src/parse-config.js';

const config = parseConfig({ ...process.env, DATABASE_URL: undefined, POPSTASH_DATA_DIR: '/tmp/sql/data' });
const opened = await openEvaluation(config, createLogger('warn', 'm'));
const { pool } = opened;
const rnd = () => {
  const v = Float32Array.from({ length: 384 }, () => Math.random() - 0.5);
  let s = 0;
  for (const x of v) s += x * x;
  return v.map((x) => x / Math.sqrt(s));
};
const q = rnd();
const vs = Array.from({ length: 200 }, rnd);
const sql = (v: Float32Array) => `[${Array.from(v, (x) => Math.round(x * 1e8) / 1e8).join(',')}]`;
const { rows } = await pool.query(
  `select -(v::vector <#> $2::vector) as c, vector_send(v::vector) as b, vector_send($2::vector) as qb from unnest($1::text[]) v`,
  [vs.map(sql), sql(q)],
);
const read = (b: Buffer) => {
  const c = Buffer.from(b.subarray(4));
  c.swap32();
  return new Float32Array(new Uint8Array(c).buffer);
};
let seq = 0,
  four = 0,
  eight = 0;
let maxd = 0;
for (const { c, b, qb } of rows) {
  const v = read(b),
    w = read(qb);
  let a = 0;
  for (let i = 0; i < 384; i++) a = Math.fround(a + Math.fround(v[i]! * w[i]!));
  if (a === c) seq++;
  const s = new Float32Array(4);
  for (let i = 0; i < 384; i++) s[i & 3] = Math.fround(s[i & 3]! + Math.fround(v[i]! * w[i]!));
  if (
    Math.fround(Math.fround(s[0]! + s[1]!) + Math.fround(s[2]! + s[3]!)) === c ||
    Math.fround(Math.fround(s[0]! + s[2]!) + Math.fround(s[1]! + s[3]!)) === c
  )
    four++;
  maxd = Math.max(maxd, Math.abs(a - c));
}
console.log(rows.length, { seq, four, maxd });
await opened.close();
