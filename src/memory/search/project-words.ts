import { LRUCache } from 'lru-cache';
import type { Pool } from 'pg';
import type { WordList } from './correct-words.js';

/** Projects whose words are kept, and words of one: about 100 bytes each. */
const MAX_PROJECTS = 8;
const MAX_WORDS = 40_000;
/** Passages of one statement: about 10 ms of an embedded database. */
const PASSAGES_A_STATEMENT = 200;
/** A search waits this long, in ms, for words that are being read; the next one finds more. */
const MAX_WAIT_MS = 60;
/** Passages become visible out of order: so many of the last ids are read once more. */
const OVERLAP = 16;

/**
 * Words of a project's memories: of letters only, so that identifiers stay as they are, and none without spaces. When no
 * project has a passage after $3, which one look at the index tells, nothing is read.
 */
const WORDS_SQL = `
WITH fresh AS MATERIALIZED (
  SELECT id, tsv FROM passages WHERE project_id = $1 AND id > $2 AND tsv IS NOT NULL
    AND (SELECT max(id) FROM passages) > $3 ORDER BY id LIMIT ${PASSAGES_A_STATEMENT}
)
SELECT (SELECT max(id) FROM fresh)::text AS last, (SELECT count(*) FROM fresh)::integer AS passages,
       (SELECT max(id) FROM passages)::text AS newest,
       ARRAY(SELECT DISTINCT lexeme FROM fresh, unnest(fresh.tsv)
             WHERE char_length(lexeme) BETWEEN 4 AND 32 AND lexeme !~ '[0-9=_]' AND ascii(lexeme) < 3584) AS words`;

interface Row {
  last: string | null;
  newest: string | null;
  passages: number;
  words: string[];
}

export interface ProjectWords {
  /** The words of a project as far as they are known within MAX_WAIT_MS; null when the database does not answer. */
  read(projectId: string): Promise<WordList | null>;
}

/**
 * Keeps the words of projects in memory and reads those of new passages. Words of memories that are gone stay: what they
 * find is looked up in the index.
 */
export function createProjectWords(pool: Pool): ProjectWords {
  const known = new LRUCache<string, ReturnType<typeof createEntry>>({ max: MAX_PROJECTS });

  function createEntry(projectId: string) {
    const words = new Map<number, Set<string>>();
    let count = 0;
    let last = 0n;
    /** The newest passage of all projects at the time of the last complete read. */
    let newest = 0n;
    let underWay: Promise<void> | null = null;

    async function readFresh(): Promise<void> {
      while (count < MAX_WORDS) {
        const from = last > OVERLAP ? last - BigInt(OVERLAP) : 0n;
        const { rows } = await pool.query<Row>({
          name: 'search-project-words',
          text: WORDS_SQL,
          values: [projectId, String(from), String(newest)],
        });
        const row = rows[0];
        for (const word of row?.words ?? []) add(word);
        if (row?.last) last = BigInt(row.last);
        if (!row || row.passages < PASSAGES_A_STATEMENT) {
          newest = BigInt(row?.newest ?? newest);
          return;
        }
      }
    }

    function add(word: string): void {
      const alike = words.get(word.length) ?? new Set();
      if (alike.size === 0) words.set(word.length, alike);
      if (!alike.has(word)) count += 1;
      alike.add(word);
    }

    const list: WordList = {
      has: (word) => words.get(word.length)?.has(word) ?? false,
      *ofLength(length, by) {
        for (let one = length - by; one <= length + by; one++) yield* words.get(one) ?? [];
      },
    };
    return {
      list,
      refresh(): Promise<void> {
        underWay ??= readFresh().finally(() => {
          underWay = null;
        });
        return underWay;
      },
    };
  }

  return {
    async read(projectId) {
      const entry = known.get(projectId) ?? createEntry(projectId);
      known.set(projectId, entry);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, MAX_WAIT_MS);
      });
      try {
        await Promise.race([entry.refresh(), late]);
        return entry.list;
      } catch {
        return null;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
