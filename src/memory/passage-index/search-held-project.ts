import type { Pool } from 'pg';
import { roundAsSql } from '../passages/vector-to-sql.js';
import type { LexicalCandidate } from '../search/lexical-types.js';
import { MAX_LOCATED_PASSAGES } from '../search/locate-passages.js';
import { prepareQuery } from '../search/search-lexically.js';
import type { HeldProject, LocatedPassage } from '../search/search-types.js';
import type { VectorCandidate } from '../search/search-vectors.js';
import { analyzeQuery, matchNames, type NamedMemory } from './analyze-query.js';
import { compareAll, findNearest } from './compare-vectors.js';
import { findLater } from './find-later.js';
import type { ProjectIndex } from './project-index.js';
import { type ScoredMemory, scoreWords, type WordScores } from './score-words.js';

/** Searches a project in memory. The database cuts the query into lexemes and compares names. */
export function searchHeldProject(pool: Pool, index: ProjectIndex): HeldProject {
  async function withNames(
    scores: WordScores,
    named: readonly NamedMemory[],
    name: string,
  ): Promise<LexicalCandidate[]> {
    const matchOf = new Map(named.map(({ id, nameMatch }) => [id, nameMatch]));
    const unmatched = scores.found.map(({ owner }) => owner).filter(({ id }) => !matchOf.has(id));
    for (const [id, match] of await matchNames(pool, unmatched, name)) matchOf.set(id, match);
    const owners = named.flatMap(({ id }) => index.owners.get(id) ?? []);
    return [...scores.found, ...scores.ofOwners(owners)].map(({ owner: { kind, id }, bm25, ords }) => ({
      kind,
      id,
      bm25,
      ords,
      nameMatch: matchOf.get(id) ?? 0,
    }));
  }

  return {
    words: index.words,
    async search(request, asked) {
      // While the database reads the query. The vector never fails; what compares it is awaited below.
      const comparing = asked.then((vector) => vector && compareAll(index, roundAsSql(vector)));
      comparing.catch(() => undefined);
      const { values, toOutcome } = prepareQuery(request);
      const { lexemes, stems, named } = await analyzeQuery(pool, values);
      const scores = scoreWords(index, lexemes, request.kinds, Date.now());
      const { terms, passages, meanLength } = scores;
      const candidates = await withNames(scores, named, values[3]);
      const lexical = toOutcome({ terms, stems, passages, meanLength, candidates });
      const compared = await comparing;
      if (!compared) return { lexical, near: null };
      const byWords = new Set(lexical.candidates.map(({ id }) => id));
      const near = findNearest(index, compared, request.kinds, byWords, Date.now());
      const others = near.filter(({ owner }) => !byWords.has(owner.id)).map(({ owner }) => owner);
      const wordsOf = new Map(scores.ofOwners(others).map((scored) => [scored.owner.id, scored]));
      return { lexical, near: near.map(({ owner, cosine }) => toCandidate(owner, cosine, wordsOf.get(owner.id))) };
    },
    findLater: (ids) => findLater(index, ids),
    locate: (ids, vector) => locate(index, ids, roundAsSql(vector)),
  };
}

function toCandidate(
  { kind, id }: Pick<VectorCandidate, 'kind' | 'id'>,
  cosine: number,
  words: ScoredMemory | undefined,
): VectorCandidate {
  return { kind, id, cosine, bm25: words?.bm25 ?? null, ords: words?.ords ?? null };
}

function locate(index: ProjectIndex, ids: readonly string[], vector: Float32Array): Map<string, LocatedPassage[]> {
  const located = new Map<string, LocatedPassage[]>();
  for (const id of ids) {
    const passages = (index.owners.get(id)?.slots ?? []).flatMap((slot) => {
      const passage = index.passages[slot];
      if (!passage?.hasVector) return [];
      return [{ start: passage.start, end: passage.end, cosine: index.vectors.compare(slot, vector) }];
    });
    passages.sort((a, b) => b.cosine - a.cosine || a.start - b.start);
    if (passages.length > 0) located.set(id, passages.slice(0, MAX_LOCATED_PASSAGES));
  }
  return located;
}
