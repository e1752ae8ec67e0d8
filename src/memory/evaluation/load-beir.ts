import { createReadStream, existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { AppError } from '../../errors.js';

export interface BeirDocument {
  /** The id by which qrels name it; several documents may share it. */
  id: string;
  /** Title and text. */
  content: string;
}

export interface BeirQuery {
  text: string;
  /** Relevant document ids and their grade; empty for a question that nothing answers. */
  relevant: Map<string, number>;
}

export interface BeirSet {
  name: string;
  documents: BeirDocument[];
  queries: BeirQuery[];
}

interface Line {
  _id?: unknown;
  title?: unknown;
  text?: unknown;
}

const QRELS_FILES = ['qrels.tsv', 'qrels/test.tsv', 'qrels/dev.tsv'];

/**
 * Reads a folder in BEIR form: corpus.jsonl, queries.jsonl and qrels.tsv (or qrels/test.tsv).
 * Where qrels name no whole id but the part before `#` (`S01` for `S01#3`), that part is the document's id.
 * @throws AppError `invalid_argument` naming the file that is missing or not as it should be.
 */
export async function loadBeir(folder: string): Promise<BeirSet> {
  const qrelsFile = QRELS_FILES.map((name) => join(folder, name)).find((path) => existsSync(path));
  if (!qrelsFile) throw unusable(join(folder, 'qrels.tsv'), 'is missing');
  const qrels = await readQrels(qrelsFile);
  const corpus = await readJsonLines(join(folder, 'corpus.jsonl'));
  const queries = await readJsonLines(join(folder, 'queries.jsonl'));
  const inQrels = new Set([...qrels.values()].flatMap((relevant) => [...relevant.keys()]));
  const idOf = chooseDocumentId(
    corpus.map((line) => line.id),
    inQrels,
  );
  return {
    name: basename(resolve(folder)),
    documents: corpus.map(({ id, line }) => ({
      id: idOf(id),
      content: [line.title, line.text].filter((part) => typeof part === 'string' && part !== '').join('\n'),
    })),
    queries: queries.map(({ id, line }) => ({ text: String(line.text ?? ''), relevant: qrels.get(id) ?? new Map() })),
  };
}

/** @returns a function from a document's own id to the one that qrels use */
export function chooseDocumentId(ids: readonly string[], inQrels: ReadonlySet<string>): (id: string) => string {
  const whole = ids.some((id) => inQrels.has(id));
  const prefixed = ids.some((id) => inQrels.has(beforeHash(id)));
  return !whole && prefixed ? beforeHash : (id) => id;
}

function beforeHash(id: string): string {
  const hash = id.indexOf('#');
  return hash < 0 ? id : id.slice(0, hash);
}

async function readQrels(path: string): Promise<Map<string, Map<string, number>>> {
  const qrels = new Map<string, Map<string, number>>();
  for await (const line of linesOf(path)) {
    const [query, document, score] = line.split('\t');
    const grade = Number(score);
    if (!query || !document || !(grade > 0)) continue;
    qrels.set(query, (qrels.get(query) ?? new Map<string, number>()).set(document, grade));
  }
  if (qrels.size === 0) throw unusable(path, 'holds no line of query-id, corpus-id and a score above 0');
  return qrels;
}

async function readJsonLines(path: string): Promise<{ id: string; line: Line }[]> {
  if (!existsSync(path)) throw unusable(path, 'is missing');
  const lines: { id: string; line: Line }[] = [];
  for await (const text of linesOf(path)) {
    const line = parseLine(text, path);
    lines.push({ id: String(line._id), line });
  }
  return lines;
}

function parseLine(text: string, path: string): Line {
  try {
    const line: unknown = JSON.parse(text);
    if (typeof line === 'object' && line !== null && '_id' in line && 'text' in line) return line;
  } catch {
    // Said below.
  }
  throw unusable(path, `has a line that is not JSON with _id and text: ${text.slice(0, 80)}`);
}

async function* linesOf(path: string): AsyncGenerator<string> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') yield line;
  }
}

function unusable(path: string, what: string): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `${path} ${what}`,
    fix: 'Give a folder in BEIR form: corpus.jsonl (_id, title, text), queries.jsonl (_id, text), qrels.tsv (query-id, corpus-id, score).',
  });
}
