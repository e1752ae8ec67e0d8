// @ts-check
// Makes small retrieval sets in BEIR form from the text of installed packages: shapes of notes that the shared development
// sets lack. node bench/make-retrieval-sets.mjs OUT; then popstash eval OUT/NAME. Deterministic for one package-lock.json.
//   sections     sections of READMEs; queries are their headings
//   options      command-line options of npm with their texts; queries are the first sentences, which the documents lack
//   identifiers  declarations of .d.ts files; queries are the first sentences of their comments
//   logs         log lines around error messages of the packages' code; queries are some words of the messages
//   changes      whole releases of change logs, long lists; queries are some words of one line each
//   functions    functions of the packages' code; queries are the first sentences of their comments, which are left out
//   settings     keys of JSON schemas with their definitions; queries are the first sentences of their descriptions
//   tests        bodies of this repository's tests; queries are their titles

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const MAX_DOCUMENTS = 400;
const MAX_QUERIES = 150;
const MAX_FILE_BYTES = 400_000;

/** @typedef {{ text: string, query: string | null }} Pair */

const out = process.argv[2];
if (!out) throw new Error('node bench/make-retrieval-sets.mjs OUT');
const modules = join(process.cwd(), 'node_modules');
const random = seededRandom(14);

writeSet('sections', readmeSections());
writeSet('options', npmOptions());
writeSet('identifiers', declarations());
writeSet('logs', logLines());
writeSet('changes', releases());
writeSet('functions', functionBodies());
writeSet('settings', schemaKeys());
writeSet('tests', testBodies());

/** @returns {Pair[]} */
function readmeSections() {
  return packageFiles(/^readme\.md$/i, 1).flatMap(({ text, name }) =>
    splitMarkdown(text, /^#{2,4} +(.+)$/m).flatMap(({ heading, body }) => {
      if (body.length < 150 || body.length > 3000) return [];
      const words = heading.split(/\s+/).length;
      return [{ text: body, query: words >= 3 && words <= 12 ? `${plain(heading)} ${name}` : null }];
    }),
  );
}

/** @returns {Pair[]} */
function npmOptions() {
  const root = execFileSync('npm', ['root', '-g'], { encoding: 'utf8' }).trim();
  const text = readFileSync(join(root, 'npm/docs/content/using-npm/config.md'), 'utf8');
  return splitMarkdown(text, /^#### +`(.+)`$/m).flatMap(({ heading, body }) => {
    const [first = '', ...rest] = body
      .replace(/^\* .*$/gm, '')
      .trim()
      .split(/(?<=[.:])\s+/);
    const facts = body.match(/^\* .*$/gm)?.join('\n') ?? '';
    if (first.length < 25) return [];
    return [{ text: `npm --${heading}\n${facts}\n${rest.join(' ')}`, query: plain(first).slice(0, 160) }];
  });
}

/** @returns {Pair[]} */
function declarations() {
  return packageFiles(/\.d\.ts$/, 4).flatMap(({ text, path }) =>
    [
      ...text.matchAll(
        /\/\*\*((?:(?!\*\/)[\s\S]){20,400})\*\/\s*\n\s*((?:export |declare |readonly |static |async )*[\w$]+[?!]?\s*[(:<=][^\n]{5,200}|(?:export |declare )*(?:function|class|interface|const|type) [^\n]{5,200})/g,
      ),
    ]
      .map(([, comment = '', declaration = '']) => ({
        text: `${relative(modules, path)}\n${declaration.trim()}`,
        query: firstSentence(comment),
      }))
      .filter(({ query }) => isQuestion(query)),
  );
}

/** @returns {Pair[]} */
function logLines() {
  const seen = new Set();
  return packageFiles(/\.(m|c)?js$/, 4).flatMap(({ text, path, name }) =>
    [...text.matchAll(/new (\w*Error)\(\s*(['"`])((?:(?!\2)[^\\\n]){30,160})\2/g)].flatMap(
      ([, kind, , message = '']) => {
        if (seen.has(message)) return [];
        seen.add(message);
        const filled = message.replace(/\$\{[^}]*\}/g, () => String(Math.floor(random() * 9000)));
        const line = Math.floor(random() * 900);
        const time = `2026-1${Math.floor(random() * 2)}-1${Math.floor(random() * 9)}T0${Math.floor(random() * 9)}:12:${10 + Math.floor(random() * 49)}.104Z`;
        return [
          {
            text: `${time} ERROR [${name}] ${kind}: ${filled}\n    at ${relative(modules, path)}:${line}:11`,
            query: someWords(filled, 5),
          },
        ];
      },
    ),
  );
}

/** @returns {Pair[]} */
function releases() {
  return packageFiles(/^(changelog|history|changes)\.md$/i, 1).flatMap(({ text, name }) =>
    splitMarkdown(text, /^#{1,3} +(.*\d+\.\d+.*)$/m).flatMap(({ heading, body }) => {
      const lines = body.match(/^\s*[*-] .{40,}$/gm) ?? [];
      if (body.length < 600 || body.length > 12_000 || lines.length < 3) return [];
      return [
        {
          text: `${name} ${plain(heading)}\n${body}`,
          query: someWords(plain(lines[Math.floor(random() * lines.length)] ?? ''), 7),
        },
      ];
    }),
  );
}

/** @returns {Pair[]} */
function functionBodies() {
  return packageFiles(/\.(m|c)?js$/, 4).flatMap(({ text }) =>
    [
      ...text.matchAll(
        /\/\*\*((?:(?!\*\/)[\s\S]){20,600})\*\/\s*\n((?:export |async |default )*(?:function[ *]|(?:const|var|let) [\w$]+ = (?:async )?(?:function|\()|[\w$.]+ = function)[\s\S]{60,1500}?\n\}[;)]*\n)/g,
      ),
    ]
      .map(([, comment = '', code = '']) => ({ text: code.trim(), query: firstSentence(comment) }))
      .filter(({ query }) => isQuestion(query)),
  );
}

/** @returns {Pair[]} */
function schemaKeys() {
  return ['@biomejs/biome/configuration_schema.json', 'knip/schema.json'].flatMap((file) =>
    describedKeys(JSON.parse(readFileSync(join(modules, file), 'utf8')), []).flatMap(({ path, description, rest }) => {
      const query = firstSentence(description.split('\n')[0] ?? '');
      return isQuestion(query) ? [{ text: `${path.join('.')}: ${JSON.stringify(rest)}`, query }] : [];
    }),
  );
}

/**
 * @param {unknown} node of a schema
 * @param {readonly string[]} path
 * @returns {{ path: readonly string[], description: string, rest: object }[]}
 */
function describedKeys(node, path) {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    if (typeof value !== 'object' || value === null) return [];
    const { description, ...rest } = value;
    const below = describedKeys(value, [...path, key]);
    return typeof description === 'string' ? [{ path: [...path, key], description, rest }, ...below] : below;
  });
}

/** @returns {Pair[]} */
function testBodies() {
  const files = readdirSync(join(process.cwd(), 'test'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((path) => path.endsWith('.test.ts'))
    .sort()
    .flatMap((path) =>
      [
        ...readFileSync(join(process.cwd(), 'test', path), 'utf8').matchAll(
          /^ *(?:it|test)\('([^'\n]{25,150})', (?:async )?\([^)]*\) => \{\n([\s\S]{60,2500}?)\n *\}(?:, [\w_]+)?\);$/gm,
        ),
      ].map(([, title = '', body = '']) => ({ text: body.replace(/^ +/gm, ''), query: title })),
    );
}

/** @param {string} comment */
function firstSentence(comment) {
  return plain(comment.replace(/^\s*\*/gm, ' ').split(/@\w+|\.\s/)[0] ?? '');
}

/** @param {string} query */
function isQuestion(query) {
  return query.split(' ').length >= 4 && query.length < 160;
}

/** @param {string} name @param {Pair[]} pairs */
function writeSet(name, pairs) {
  const unique = [...new Map(pairs.map((pair) => [pair.text, pair])).values()];
  const repeated = new Map();
  for (const { query } of unique) repeated.set(query, (repeated.get(query) ?? 0) + 1);
  const chosen = shuffle(unique).slice(0, MAX_DOCUMENTS);
  const asked = chosen
    .map((pair, index) => ({ ...pair, index }))
    .filter(({ query }) => query && repeated.get(query) === 1);
  const folder = join(/** @type {string} */ (out), name);
  mkdirSync(folder, { recursive: true });
  const lines = (/** @type {object[]} */ rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const queries = asked.slice(0, MAX_QUERIES);
  writeFileSync(join(folder, 'corpus.jsonl'), lines(chosen.map(({ text }, index) => ({ _id: `d${index}`, text }))));
  writeFileSync(
    join(folder, 'queries.jsonl'),
    lines(queries.map(({ query, index }) => ({ _id: `q${index}`, text: query }))),
  );
  writeFileSync(
    join(folder, 'qrels.tsv'),
    `query-id\tcorpus-id\tscore\n${queries.map(({ index }) => `q${index}\td${index}\t1\n`).join('')}`,
  );
  console.log(`${name}: ${chosen.length} documents, ${queries.length} queries`);
}

/** @param {RegExp} pattern @param {number} depth of folders below a package */
function packageFiles(pattern, depth) {
  const packages = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((one) => `${name}/${one}`) : [name],
  );
  return packages
    .filter((name) => !name.startsWith('.'))
    .sort()
    .flatMap((name) =>
      listFiles(join(modules, name), depth)
        .filter((path) => pattern.test(path.split('/').at(-1) ?? ''))
        .slice(0, 12)
        .map((path) => ({ name, path })),
    )
    .flatMap(({ name, path }) =>
      statSync(path).size > MAX_FILE_BYTES ? [] : [{ name, path, text: readFileSync(path, 'utf8') }],
    );
}

/** @param {string} folder @param {number} depth @returns {string[]} */
function listFiles(folder, depth) {
  if (!statSync(folder).isDirectory()) return [];
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.isFile()) return [join(folder, entry.name)];
      return entry.isDirectory() && depth > 1 && entry.name !== 'node_modules'
        ? listFiles(join(folder, entry.name), depth - 1)
        : [];
    });
}

/** @param {string} text @param {RegExp} heading */
function splitMarkdown(text, heading) {
  const parts = text.split(new RegExp(heading.source, 'm'));
  return Array.from({ length: Math.floor((parts.length - 1) / 2) }, (_, i) => ({
    heading: parts[2 * i + 1] ?? '',
    body: (parts[2 * i + 2] ?? '').trim(),
  }));
}

/** @param {string} text */
function plain(text) {
  return text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*_#>]|<[^>]*>/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** @param {string} text @param {number} count */
function someWords(text, count) {
  return shuffle(text.split(/[^\p{L}\p{N}_.-]+/u).filter((word) => word.length > 2))
    .slice(0, count)
    .join(' ');
}

/** @template T @param {readonly T[]} list @returns {T[]} */
function shuffle(list) {
  return list
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

/** Mulberry32. @param {number} seed */
function seededRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
