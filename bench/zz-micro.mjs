// src/memory/passage-index/parse-lexemes.ts
var LEXEME = /'((?:[^'\\]|''|\\.)*)'(?::([0-9A-D,]+))?/gs;
function parseLexemes(tsvector) {
  return Array.from(tsvector.matchAll(LEXEME), ([, quoted = '', positions]) => ({
    lexeme: /['\\]/.test(quoted) ? quoted.replace(/(['\\])\1/g, '$1') : quoted,
    count: positions === void 0 ? 1 : positions.split(',').length,
  }));
}

// src/embedding/embedding-types.ts
var DIMENSIONS = 384;

// src/memory/passage-index/vector-blocks.ts
var BLOCK = 256;
var NEARLY = 1e-5;
function createVectorBlocks() {
  const blocks = [];
  return {
    set(slot, vector) {
      const at = Math.floor(slot / BLOCK);
      while (blocks.length <= at) blocks.push(new Float32Array(BLOCK * DIMENSIONS));
      blocks[at].set(vector, (slot % BLOCK) * DIMENSIONS);
    },
    compareBlock(block, vector, out) {
      const values = blocks[block];
      const from = block * BLOCK;
      const rows = Math.min(BLOCK, out.length - from);
      for (let row = 0, at = 0; row < rows; row++, at += DIMENSIONS) out[from + row] = multiply(values, at, vector);
    },
    compare(slot, vector) {
      const values = blocks[Math.floor(slot / BLOCK)];
      const at = (slot % BLOCK) * DIMENSIONS;
      let sum = 0;
      for (let i = 0; i < DIMENSIONS; i++) sum = Math.fround(sum + Math.fround(values[at + i] * vector[i]));
      return sum;
    },
    blocks: () => blocks.length,
  };
}
function multiply(values, at, vector) {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < DIMENSIONS; i += 4) {
    a += values[at + i] * vector[i];
    b += values[at + i + 1] * vector[i + 1];
    c += values[at + i + 2] * vector[i + 2];
    d += values[at + i + 3] * vector[i + 3];
  }
  return a + b + c + d;
}

// src/memory/passage-index/lexeme-words.ts
var MIN_CHARS = 4;
var MAX_CHARS = 32;
var FIRST_WITHOUT_SPACES = 3584;
function createLexemeWords() {
  const byLength = /* @__PURE__ */ new Map();
  return {
    add(lexeme) {
      const chars = [...lexeme].length;
      if (chars < MIN_CHARS || chars > MAX_CHARS || /[0-9=_]/.test(lexeme)) return;
      if ((lexeme.codePointAt(0) ?? 0) >= FIRST_WITHOUT_SPACES) return;
      const alike = byLength.get(lexeme.length) ?? /* @__PURE__ */ new Set();
      byLength.set(lexeme.length, alike.add(lexeme));
    },
    list: {
      has: (word) => byLength.get(word.length)?.has(word) ?? false,
      *ofLength(length, by) {
        for (let one = length - by; one <= length + by; one++) yield* byLength.get(one) ?? [];
      },
    },
  };
}

// src/memory/passage-index/project-index.ts
var GONE = -1;
function createProjectIndex(projectId) {
  const passages = [];
  const lengths = [];
  const owners = /* @__PURE__ */ new Map();
  const postings = /* @__PURE__ */ new Map();
  const vectors = createVectorBlocks();
  const words = createLexemeWords();
  const totals = { passages: 0, expiring: 0, worded: 0, length: 0 };
  const slotOf = /* @__PURE__ */ new Map();
  function count({ hasWords, expiresAt }, length, by) {
    totals.passages += by;
    if (Number.isFinite(expiresAt)) totals.expiring += by;
    if (!hasWords) return;
    totals.worded += by;
    totals.length += by * length;
  }
  function post(lexeme, slot, times) {
    let known = postings.get(lexeme);
    if (!known) {
      known = { slots: [], counts: [] };
      postings.set(lexeme, known);
      words.add(lexeme);
    }
    known.slots.push(slot);
    known.counts.push(times);
  }
  function remove(passageId) {
    const slot = slotOf.get(passageId);
    const passage = slot === void 0 ? null : passages[slot];
    if (slot === void 0 || !passage) return;
    slotOf.delete(passageId);
    passages[slot] = null;
    passage.owner.slots = passage.owner.slots.filter((other) => other !== slot);
    if (passage.owner.slots.length === 0) owners.delete(passage.owner.id);
    count(passage, lengths[slot], -1);
    lengths[slot] = GONE;
  }
  return {
    projectId,
    isWhole: false,
    passages,
    lengths,
    owners,
    postings,
    vectors,
    words: words.list,
    totals,
    remove,
    put(row) {
      remove(row.id);
      const slot = passages.length;
      const owner = owners.get(row.ownerId) ?? { kind: row.kind, id: row.ownerId, slots: [] };
      owners.set(row.ownerId, owner);
      owner.slots.push(slot);
      slotOf.set(row.id, slot);
      const passage = {
        id: row.id,
        owner,
        start: row.start,
        end: row.end,
        expiresAt: row.expiresAt ?? Number.POSITIVE_INFINITY,
        hasWords: row.lexemes !== null,
        hasVector: row.vector !== null,
      };
      passages.push(passage);
      lengths.push(row.length);
      count(passage, row.length, 1);
      if (row.vector) vectors.set(slot, row.vector);
      for (const { lexeme, count: times } of parseLexemes(row.lexemes ?? '')) post(lexeme, slot, times);
    },
  };
}

// src/db/live-rows.ts
function isLive(row = '') {
  return `${row}superseded_by IS NULL AND ${row}forgotten_at IS NULL`;
}
function isUnexpired(row = '') {
  return `(${row}expires_at IS NULL OR ${row}expires_at > now())`;
}

// src/db/planner-hints.ts
function hiddenColumn(column) {
  return `${column} || ''`;
}
var FENCE = 'OFFSET 0';

// src/memory/search/lexical-sql.ts
var K1 = 1.2;
var B = 0.75;
var STOP_WEIGHT = 0.5;
function termFrequency(tsv, query) {
  return `round(1 / greatest(1.64493406685 * (1 - ts_rank('{1,1,1,1}', ${tsv}, ${query})), 0.0005) - 0.5)`;
}
var BM25_OF_PASSAGE = `(
    SELECT coalesce(sum(w.idf * ${K1 + 1} * f.tf / (f.tf + ${K1} * (${1 - B} + ${B} * p.lexeme_count / c.len))), 0) AS bm25,
           array_agg(w.ord) AS ords
    -- Appending nothing unpacks the stored tsvector once, not once a term.
    FROM (SELECT p.tsv || ''::tsvector AS tsv ${FENCE}) d CROSS JOIN weighted w CROSS JOIN corpus c
      CROSS JOIN LATERAL (SELECT ${termFrequency('d.tsv', 'w.q')} AS tf ${FENCE}) f
    WHERE w.df > 0 AND d.tsv @@ w.q
  )`;
var MAX_TERMS = 64;
var QUERY_LEXEMES = `
  (SELECT lexeme, positions IS NULL AS identifier,
          ts_lexize('english_stem', lexeme) = '{}' OR ascii(lexeme) > 127 AND ts_lexize('russian_stem', lexeme) = '{}' AS stop,
          NULL::float8 AS weight
   FROM unnest(popstash_tsvector($2)) AS u
   ORDER BY positions IS NULL DESC, cardinality(positions) DESC, length(lexeme) DESC, lexeme LIMIT ${MAX_TERMS})
  UNION ALL
  SELECT lexeme, false, stop, weight FROM unnest($6::text[], $7::float8[], $8::boolean[]) AS g(lexeme, weight, stop)`;
var QUERY_STEMS = `(SELECT json_agg((ts_lexize('english_stem', word))[1] ORDER BY n) FROM unnest($5::text[]) WITH ORDINALITY AS w(word, n))`;
var NAMED_MEMORIES = `
  (SELECT 'stash'::memory_kind AS owner_kind, id AS owner_id FROM stashes
   WHERE project_id = $1 AND 'stash' = ANY($3) AND (lower(name) % $4 OR lower(name) = $4)
     AND ${isLive()} AND ${isUnexpired()}
   ORDER BY similarity(lower(name), $4) DESC, id LIMIT 20)
  UNION ALL
  (SELECT 'insight'::memory_kind, id FROM insights
   WHERE project_id = $1 AND 'insight' = ANY($3) AND (lower(key) % $4 OR lower(key) = $4)
     AND ${isLive()}
   ORDER BY similarity(lower(key), $4) DESC, id LIMIT 20)
  UNION ALL
  (SELECT 'decision'::memory_kind, id FROM decisions
   WHERE project_id = $1 AND 'decision' = ANY($3) AND (lower(topic) % $4 OR lower(topic) = $4)
     AND ${isLive()}
   ORDER BY similarity(lower(topic), $4) DESC, id LIMIT 20)`;
var NAME_MATCH = `CASE WHEN l.name IS NULL THEN 0 WHEN l.name = $4 THEN 1 ELSE least(0.99, greatest(similarity(l.name, $4),
        -- A long name within the query is meant as a name; a short one may be any word.
        strict_word_similarity(l.name, $4) * least(1, length(l.name) / 16.0))) END`;
function withName(row) {
  return `LEFT JOIN LATERAL (
     SELECT lower(name) AS name FROM stashes WHERE ${row}.owner_kind = 'stash' AND id = ${row}.owner_id
     UNION ALL SELECT lower(key) FROM insights WHERE ${row}.owner_kind = 'insight' AND id = ${row}.owner_id
     UNION ALL SELECT lower(topic) FROM decisions WHERE ${row}.owner_kind = 'decision' AND id = ${row}.owner_id
   ) l ON true`;
}

// src/memory/search/function-words.ts
var LISTS = [
  // Chinese, simplified and traditional.
  '\u7684 \u4E86 \u662F \u5728 \u548C \u4E0E \u8207 \u6216 \u53CA \u7B49 \u6211 \u6211\u4EEC \u6211\u5011 \u4F60 \u4F60\u4EEC \u4F60\u5011 \u4ED6 \u5979 \u5B83 \u4ED6\u4EEC \u4ED6\u5011 \u5979\u4EEC \u8FD9 \u9019 \u90A3 \u8FD9\u4E2A \u9019\u500B \u90A3\u4E2A \u90A3\u500B \u8FD9\u4E9B \u9019\u4E9B \u90A3\u4E9B',
  '\u4EC0\u4E48 \u4EC0\u9EBC \u751A\u9EBC \u600E\u4E48 \u600E\u9EBC \u600E\u6837 \u600E\u6A23 \u600E\u4E48\u6837 \u5982\u4F55 \u4E3A\u4EC0\u4E48 \u70BA\u4EC0\u9EBC \u4E3A\u4F55 \u70BA\u4F55 \u54EA \u54EA\u4E2A \u54EA\u500B \u54EA\u4E9B \u54EA\u91CC \u54EA\u88E1 \u54EA\u513F \u8C01 \u8AB0 \u51E0 \u5E7E \u591A\u5C11 \u591A\u5927 \u591A\u957F \u591A\u4E45',
  '\u5417 \u55CE \u5462 \u5427 \u554A \u5440 \u4E48 \u9EBC \u7740 \u8457 \u8FC7 \u904E \u5F97 \u5730 \u4E4B \u5176 \u6240 \u4EE5 \u800C \u4E14 \u4E5F \u90FD \u8FD8 \u9084 \u5C31 \u624D \u5F88 \u66F4 \u6700 \u592A \u53C8 \u518D \u53EA \u4F46 \u4F46\u662F \u56E0\u4E3A \u56E0\u70BA \u6240\u4EE5 \u5982\u679C \u90A3\u4E48',
  '\u6709 \u6CA1\u6709 \u6C92\u6709 \u6CA1 \u6C92 \u4E0D \u4E0D\u8981 \u65E0 \u7121 \u975E \u8981 \u4F1A \u6703 \u80FD \u80FD\u591F \u80FD\u5920 \u53EF\u4EE5 \u53EF \u5E94\u8BE5 \u61C9\u8A72 \u5E94 \u61C9 \u9700\u8981 \u5FC5\u987B \u5FC5\u9808 \u8BF7 \u8ACB \u628A \u88AB \u7ED9 \u7D66 \u8BA9 \u8B93 \u5BF9 \u5C0D \u4ECE \u5F9E \u5230 \u5411 \u4E8E \u65BC \u4E3A \u70BA \u7528 \u7531 \u6BCF \u4E2A \u500B \u4E00\u4E2A \u4E00\u500B \u4E00 \u4E00\u4E9B \u4E00\u4E0B \u65F6 \u6642 \u65F6\u5019 \u6642\u5019 \u4E2D \u4E0A \u4E0B \u91CC \u88E1 \u540E \u5F8C \u524D',
  // Japanese; words in hiragana alone count by their length, see segment-query.ts.
  '\u4F55 \u8AB0 \u70BA \u6642 \u4E8B \u7269 \u79C1 \u79C1\u9054 \u6211\u3005 \u65B9 \u5834\u5408 \u4ECA \u4E2D \u4E0A \u4E0B',
  '\u304F\u3060\u3055\u3044 \u306B\u3064\u3044\u3066 \u3069\u3046\u3084\u3063\u3066 \u3069\u3046\u3059\u308B \u3067\u3057\u3087\u3046\u304B \u3042\u308A\u307E\u305B\u3093 \u3042\u308A\u307E\u3059\u304B \u307E\u3059\u304B \u3067\u3059\u304B \u3068\u3057\u3066 \u305F\u3081\u306E\u304B \u3088\u3046\u306A \u3088\u3046\u306B \u3055\u308C\u3066\u3044\u308B \u3057\u3066\u3044\u308B \u3057\u307E\u3057\u305F \u3057\u307E\u3059 \u306A\u3051\u308C\u3070 \u306A\u3089\u306A\u3044 \u3053\u308C\u306F \u305D\u308C\u306F \u3069\u3053\u306B \u3069\u3053\u3067',
  // Korean.
  '\uC5B4\uB5BB\uAC8C \uC5B4\uB5A4 \uBB34\uC5C7 \uBB34\uC5C7\uC744 \uBB34\uC5C7\uC774 \uBB50 \uC5B8\uC81C \uC5B4\uB514 \uC5B4\uB514\uC11C \uC5B4\uB514\uC5D0 \uC65C \uB204\uAC00 \uB204\uAD6C \uC6B0\uB9AC \uC6B0\uB9AC\uB294 \uC6B0\uB9AC\uC758 \uB098\uB294 \uC800\uB294 \uADF8 \uC774 \uC800 \uAC83 \uAC83\uC740 \uAC83\uC774 \uC218 \uC788\uB294 \uC788\uB098\uC694 \uC788\uC2B5\uB2C8\uAE4C \uC788\uB2E4 \uC5C6\uB2E4 \uD558\uB294 \uD558\uB098\uC694 \uD569\uB2C8\uAE4C \uD569\uB2C8\uB2E4 \uD574\uC57C \uD55C\uB2E4 \uD558\uACE0 \uADF8\uB9AC\uACE0 \uADF8\uB7EC\uB098 \uB610\uB294 \uBC0F \uB54C \uC704\uD574 \uB300\uD55C \uB300\uD574 \uB418\uB294 \uB429\uB2C8\uB2E4 \uC778\uAC00\uC694 \uC785\uB2C8\uAE4C \uC785\uB2C8\uB2E4',
  // Thai.
  '\u0E17\u0E35\u0E48 \u0E41\u0E25\u0E30 \u0E02\u0E2D\u0E07 \u0E43\u0E19 \u0E40\u0E1B\u0E47\u0E19 \u0E01\u0E32\u0E23 \u0E44\u0E14\u0E49 \u0E43\u0E2B\u0E49 \u0E08\u0E30 \u0E21\u0E35 \u0E44\u0E21\u0E48 \u0E27\u0E48\u0E32 \u0E04\u0E27\u0E32\u0E21 \u0E01\u0E31\u0E1A \u0E2D\u0E22\u0E48\u0E32\u0E07\u0E44\u0E23 \u0E2D\u0E30\u0E44\u0E23 \u0E17\u0E33\u0E44\u0E21 \u0E40\u0E21\u0E37\u0E48\u0E2D \u0E40\u0E21\u0E37\u0E48\u0E2D\u0E44\u0E23 \u0E40\u0E21\u0E37\u0E48\u0E2D\u0E44\u0E2B\u0E23\u0E48 \u0E2B\u0E23\u0E37\u0E2D \u0E19\u0E35\u0E49 \u0E19\u0E31\u0E49\u0E19 \u0E40\u0E23\u0E32 \u0E04\u0E37\u0E2D \u0E15\u0E49\u0E2D\u0E07 \u0E04\u0E27\u0E23 \u0E08\u0E32\u0E01 \u0E44\u0E1B \u0E21\u0E32 \u0E41\u0E25\u0E49\u0E27 \u0E01\u0E47 \u0E2D\u0E22\u0E39\u0E48 \u0E17\u0E33 \u0E22\u0E31\u0E07\u0E44\u0E07 \u0E40\u0E17\u0E48\u0E32\u0E44\u0E23 \u0E40\u0E17\u0E48\u0E32\u0E44\u0E2B\u0E23\u0E48 \u0E44\u0E2B\u0E19 \u0E43\u0E04\u0E23 \u0E44\u0E2B\u0E21 \u0E04\u0E23\u0E31\u0E1A \u0E04\u0E48\u0E30 \u0E04\u0E30 \u0E42\u0E14\u0E22 \u0E40\u0E1E\u0E37\u0E48\u0E2D \u0E16\u0E49\u0E32 \u0E0B\u0E36\u0E48\u0E07',
  // Lao, Khmer, Burmese.
  '\u0E97\u0EB5\u0EC8 \u0EC1\u0EA5\u0EB0 \u0E82\u0EAD\u0E87 \u0EC3\u0E99 \u0EC0\u0E9B\u0EB1\u0E99 \u0E81\u0EB2\u0E99 \u0EC4\u0E94\u0EC9 \u0EC3\u0EAB\u0EC9 \u0E88\u0EB0 \u0EA1\u0EB5 \u0E9A\u0ECD\u0EC8 \u0EA7\u0EC8\u0EB2 \u0E81\u0EB1\u0E9A \u0EC1\u0E99\u0EA7\u0EC3\u0E94 \u0EAB\u0E8D\u0EB1\u0E87 \u0EAB\u0EBC\u0EB7 \u0E99\u0EB5\u0EC9 \u0EC0\u0EAE\u0EBB\u0EB2 \u0E84\u0EB7 \u0E95\u0EC9\u0EAD\u0E87',
  '\u1793\u17C3 \u1793\u17B7\u1784 \u1787\u17B6 \u1798\u17B6\u1793 \u1780\u17D2\u1793\u17BB\u1784 \u1793\u17C5 \u178A\u17C2\u179B \u1794\u17B6\u1793 \u17B1\u17D2\u1799 \u1791\u17C5 \u1798\u1780 \u1798\u17B7\u1793 \u178F\u17D2\u179A\u17BC\u179C \u1793\u17C1\u17C7 \u1793\u17C4\u17C7 \u1799\u17BE\u1784 \u17A2\u17D2\u179C\u17B8 \u178A\u17BC\u1785\u1798\u17D2\u178F\u17C1\u1785 \u1799\u17C9\u17B6\u1784\u178A\u17BC\u1785\u1798\u17D2\u178F\u17C1\u1785 \u17AC \u178A\u17C4\u1799 \u1796\u17B8',
  '\u101E\u100A\u103A \u1000\u102D\u102F \u1019\u103E\u102C \u1019\u103E \u1014\u103E\u1004\u1037\u103A \u1019\u103B\u102C\u1038 \u104F \u1000 \u1016\u103C\u1005\u103A \u101B\u103E\u102D \u1019 \u1018\u102C \u1018\u101A\u103A\u101C\u102D\u102F \u1010\u101A\u103A \u101C\u1032 \u1015\u102B',
];
var FUNCTION_WORDS = new Set(LISTS.flatMap((list) => list.split(' ')));
var KOREAN_ENDINGS =
  '\uC5D0\uC11C\uB294 \uC73C\uB85C\uB294 \uD558\uB824\uBA74 \uD569\uB2C8\uB2E4 \uD588\uC2B5\uB2C8\uB2E4 \uD558\uB098\uC694 \uB418\uB098\uC694 \uB429\uB2C8\uB2E4 \uC5D0\uC11C \uC5D0\uAC8C \uBD80\uD130 \uAE4C\uC9C0 \uC73C\uB85C \uD558\uACE0 \uC774\uB098 \uCC98\uB7FC \uBCF4\uB2E4 \uB9C8\uB2E4 \uD558\uB294 \uD558\uAE30 \uC740 \uB294 \uC774 \uAC00 \uC744 \uB97C \uC5D0 \uC758 \uC640 \uACFC \uB3C4 \uB9CC \uB85C'.split(
    ' ',
  );

// src/memory/search/search-lexically.ts
var MAX_POSTINGS = 2e4;
var MAX_SCORED_PASSAGES = 200;
var MAX_CANDIDATES = 100;
var LEXICAL_SQL = `
WITH lexemes AS MATERIALIZED (
${QUERY_LEXEMES}
), terms AS MATERIALIZED (
  SELECT row_number() OVER rarest AS ord, l.*, coalesce(s.passages, 0) AS known_df,
         ('''' || replace(replace(l.lexeme, '\\', '\\\\'), '''', '''''') || '''')::tsquery AS q,
         sum(coalesce(s.passages, 0)) OVER rarest <= ${MAX_POSTINGS}
           AND (NOT l.stop OR s.passages IS NULL OR bool_and(l.stop) OVER ()) AS scanned
  FROM lexemes l LEFT JOIN lexeme_stats s ON s.project_id = $1 AND s.lexeme = l.lexeme
  WINDOW rarest AS (ORDER BY l.stop, coalesce(s.passages, 0), l.lexeme)
), postings AS MATERIALIZED (
  SELECT t.*, CASE WHEN p.df > 0 THEN p.df ELSE t.known_df END::float8 AS df, p.ids
  FROM terms t CROSS JOIN LATERAL (
    -- One array a term: a row a posting would cost several times as much.
    SELECT count(*) AS df, array_agg(id) FILTER (WHERE owner_kind = ANY($3)) AS ids FROM passages
    WHERE t.scanned AND ${hiddenColumn('project_id')} = $1 AND tsv @@ t.q AND ${isUnexpired()}
  ) p
), corpus AS MATERIALIZED (
  SELECT count(*)::float8 AS n, greatest(coalesce(avg(lexeme_count), 1), 1)::float8 AS len
  FROM passages WHERE project_id = $1 AND tsv IS NOT NULL HAVING NOT $9::boolean
  UNION ALL
  SELECT passage_count, greatest(lexeme_total::float8 / greatest(passage_count, 1), 1) FROM projects WHERE id = $1 AND $9
), weighted AS MATERIALIZED (
  SELECT t.ord, t.lexeme, t.q, t.identifier, t.stop, t.df,
         CASE WHEN t.identifier THEN 0 WHEN t.weight IS NOT NULL THEN t.weight WHEN t.stop THEN ${STOP_WEIGHT} ELSE 1 END
         * ln(1 + (greatest(c.n, t.df) - t.df + 0.5) / (t.df + 0.5)) AS idf
  FROM postings t CROSS JOIN corpus c
), ranked AS MATERIALIZED (
  SELECT m.id FROM (SELECT unnest(p.ids) AS id, w.identifier, w.idf FROM postings p JOIN weighted w USING (ord)) m
  GROUP BY m.id ORDER BY bool_or(m.identifier) DESC, sum(m.idf) DESC, m.id LIMIT ${MAX_SCORED_PASSAGES}
), scored AS (
  SELECT DISTINCT ON (p.owner_kind, p.owner_id) p.owner_kind, p.owner_id, b.bm25, b.ords
  FROM ranked r JOIN passages p ON p.id = r.id CROSS JOIN LATERAL ${BM25_OF_PASSAGE} b
  ORDER BY p.owner_kind, p.owner_id, b.bm25 DESC, p.id
), named AS MATERIALIZED (
${NAMED_MEMORIES}
), best AS (
  (SELECT owner_kind, owner_id, bm25, ords FROM scored ORDER BY bm25 DESC, owner_id LIMIT ${MAX_CANDIDATES})
  UNION ALL
  SELECT n.owner_kind, n.owner_id, b.bm25, b.ords
  FROM named n CROSS JOIN LATERAL (
    SELECT b.bm25, b.ords FROM passages p CROSS JOIN LATERAL ${BM25_OF_PASSAGE} b
    WHERE p.owner_kind = n.owner_kind AND p.owner_id = n.owner_id AND p.tsv IS NOT NULL ORDER BY b.bm25 DESC, p.id LIMIT 1
  ) b
)
SELECT
  (SELECT json_agg(json_build_object('ord', ord, 'lexeme', lexeme, 'identifier', identifier, 'stop', stop, 'df', df, 'idf', idf)
     ORDER BY ord) FROM weighted) AS terms,
  ${QUERY_STEMS} AS stems,
  (SELECT n FROM corpus) AS passages, (SELECT len FROM corpus) AS "meanLength",
  (SELECT json_agg(json_build_object('kind', b.owner_kind, 'id', b.owner_id, 'bm25', b.bm25, 'ords', coalesce(b.ords, '{}'),
     'nameMatch', ${NAME_MATCH}))
   FROM best b ${withName('b')}) AS candidates`;

// src/memory/passage-index/keep-best.ts
function createBest(most, compare) {
  const items = [];
  return {
    items,
    offer(item) {
      const last = items.at(-1);
      if (items.length >= most && last !== void 0 && compare(item, last) >= 0) return;
      let low = 0;
      let high = items.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (compare(items[middle], item) <= 0) low = middle + 1;
        else high = middle;
      }
      items.splice(low, 0, item);
      if (items.length > most) items.pop();
    },
  };
}

// src/memory/passage-index/score-words.ts
function scoreWords(index2, lexemes2, kinds, now) {
  const { worded, length } = index2.totals;
  const meanLength = Math.max(worded > 0 ? length / worded : 1, 1);
  const terms = lexemes2.map((lexeme) => weigh(index2, lexeme, worded, now));
  const held = terms.flatMap((term) => {
    const postings = index2.postings.get(term.lexeme);
    return term.df > 0 && postings ? [{ ...term, postings }] : [];
  });
  const scores = addUp(index2, held, meanLength);
  function bestOf(slots) {
    const best = /* @__PURE__ */ new Map();
    for (const slot of slots) {
      const passage = index2.passages[slot];
      if (!passage?.hasWords) continue;
      const bm25 = scores.bm25[slot] ?? 0;
      const known = best.get(passage.owner);
      if (!known || bm25 > known.bm25 || (bm25 === known.bm25 && passage.id < known.id))
        best.set(passage.owner, { slot, id: passage.id, bm25 });
    }
    const ords = findOrds(
      held,
      Array.from(best.values(), ({ slot }) => slot),
      index2.passages.length,
    );
    return Array.from(best, ([owner, { slot, bm25 }]) => ({ owner, bm25, ords: ords.get(slot) ?? [] }));
  }
  const ranked = rankSlots(index2, scores, kinds, now).map(({ slot }) => slot);
  const found = bestOf(ranked).sort((a, b) => b.bm25 - a.bm25 || (a.owner.id < b.owner.id ? -1 : 1));
  return {
    terms,
    passages: worded,
    meanLength,
    found: found.slice(0, MAX_CANDIDATES),
    ofOwners: (owners) => bestOf(owners.flatMap(({ slots }) => slots)),
  };
}
function weigh(index2, lexeme, worded, now) {
  const df = countUnexpired(index2, lexeme.lexeme, now);
  const weight = lexeme.identifier ? 0 : (lexeme.weight ?? (lexeme.stop ? STOP_WEIGHT : 1));
  const idf = weight * Math.log(1 + (Math.max(worded, df) - df + 0.5) / (df + 0.5));
  const { ord, identifier, stop } = lexeme;
  return { ord, lexeme: lexeme.lexeme, identifier, stop, df, idf };
}
function countUnexpired(index2, lexeme, now) {
  const slots = index2.postings.get(lexeme)?.slots ?? [];
  const { lengths, passages } = index2;
  const mayExpire = index2.totals.expiring > 0;
  let df = 0;
  for (const slot of slots) {
    if (lengths[slot] === GONE) continue;
    if (!mayExpire || (passages[slot]?.expiresAt ?? 0) > now) df += 1;
  }
  return df;
}
var FOUND = 1;
var IDENTIFIED = 2;
function addUp({ lengths }, held, meanLength) {
  const size = lengths.length;
  const idf = new Float64Array(size);
  const bm25 = new Float64Array(size);
  const state = new Uint8Array(size);
  for (const { postings, identifier, idf: ofTerm } of held) {
    const { slots, counts } = postings;
    const found = identifier ? IDENTIFIED : FOUND;
    const most = ofTerm * (K1 + 1);
    for (let at = 0; at < slots.length; at++) {
      const slot = slots[at];
      const count = counts[at];
      const length = lengths[slot];
      idf[slot] = idf[slot] + ofTerm;
      bm25[slot] = bm25[slot] + (most * count) / (count + K1 * (1 - B + (B * length) / meanLength));
      if (found > state[slot]) state[slot] = found;
    }
  }
  return { idf, bm25, state };
}
function rankSlots(index2, { idf, state }, kinds, now) {
  const best = createBest(MAX_SCORED_PASSAGES, (a, b) => b.state - a.state || b.idf - a.idf || a.id - b.id);
  for (let slot = 0; slot < state.length; slot++) {
    const found = state[slot];
    const last = best.items.length < MAX_SCORED_PASSAGES ? void 0 : best.items.at(-1);
    if (found === 0 || (last && (found < last.state || (found === last.state && idf[slot] < last.idf)))) continue;
    const passage = index2.passages[slot];
    if (!passage || passage.expiresAt <= now || !kinds.includes(passage.owner.kind)) continue;
    best.offer({ slot, id: passage.id, state: found, idf: idf[slot] });
  }
  return best.items;
}
function findOrds(held, wanted, size) {
  const isWanted = new Uint8Array(size);
  for (const slot of wanted) isWanted[slot] = 1;
  const ords = new Map(wanted.map((slot) => [slot, []]));
  for (const { ord, postings } of held) {
    for (const slot of postings.slots) if (isWanted[slot] === 1) ords.get(slot)?.push(ord);
  }
  return ords;
}

// src/async/yield-to-event-loop.ts
var MAX_SLICE_MS = 10;
var sliceFrom = 0;
var isOpen = false;
var waiting = [];
function yieldToEventLoop() {
  const now = performance.now();
  if (!isOpen) {
    isOpen = true;
    sliceFrom = now;
    setImmediate(openNext);
  }
  if (now - sliceFrom < MAX_SLICE_MS) return void 0;
  return new Promise((resolve) => waiting.push(resolve));
}
function openNext() {
  const next = waiting.shift();
  if (!next) {
    isOpen = false;
    return;
  }
  sliceFrom = performance.now();
  setImmediate(openNext);
  next();
}

// src/memory/passages/vector-to-sql.ts
import { toSql } from 'pgvector';

// src/memory/search/search-vectors.ts
var MAX_NEAREST_MEMORIES = 100;
var MAX_NEAREST = 200;
var FOUND_BY_WORDS = 'WITH by_words AS MATERIALIZED (SELECT DISTINCT unnest($4::text[]) AS id)';
var WITH_BM25 = `
, weighted AS MATERIALIZED (
  SELECT ord, idf, 1 AS df, ('''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || '''')::tsquery AS q
  FROM unnest($5::text[], $6::float8[], $7::integer[]) AS t(lexeme, idf, ord)
), corpus AS MATERIALIZED (SELECT $8::float8 AS len)
SELECT c.owner_kind AS kind, c.owner_id AS id, c.cosine, x.bm25, x.ords
FROM chosen c LEFT JOIN LATERAL (
  SELECT b.bm25, b.ords FROM passages p CROSS JOIN LATERAL ${BM25_OF_PASSAGE} b
  WHERE NOT c.by_words AND p.owner_kind = c.owner_kind AND p.owner_id = c.owner_id AND p.tsv IS NOT NULL
  ORDER BY b.bm25 DESC, p.id LIMIT 1
) x ON true`;
var EXACT_SQL = `${FOUND_BY_WORDS}, compared AS MATERIALIZED (
  SELECT owner_kind, owner_id, max(-(embedding <#> $2::vector)) AS cosine FROM passages
  WHERE project_id = $1 AND owner_kind = ANY($3) AND embedding IS NOT NULL AND ${isUnexpired()}
  GROUP BY owner_kind, owner_id
), chosen AS MATERIALIZED (
  SELECT owner_kind, owner_id, cosine, w.id IS NOT NULL AS by_words
  FROM (SELECT * FROM compared ORDER BY cosine DESC, owner_id LIMIT ${MAX_NEAREST_MEMORIES}) n LEFT JOIN by_words w ON w.id = n.owner_id
  UNION
  SELECT owner_kind, owner_id, cosine, true FROM compared JOIN by_words w ON w.id = owner_id
)${WITH_BM25}`;
var INDEX_SQL = `${FOUND_BY_WORDS}, nearest AS MATERIALIZED (
  SELECT owner_kind, owner_id, -(embedding <#> $2::vector) AS cosine FROM passages
  WHERE project_id = $1 AND owner_kind = ANY($3) AND ${isUnexpired()}
  ORDER BY embedding::halfvec(384) <=> $2::vector::halfvec(384) LIMIT ${MAX_NEAREST}
), chosen AS MATERIALIZED (
  SELECT owner_kind, owner_id, max(cosine) AS cosine, w.id IS NOT NULL AS by_words FROM (
    SELECT * FROM nearest
    UNION ALL
    SELECT owner_kind, owner_id, -(embedding <#> $2::vector) FROM passages
    WHERE owner_kind = ANY($3) AND owner_id = ANY($4) AND embedding IS NOT NULL AND ${isUnexpired()}
  ) AS both_ways LEFT JOIN by_words w ON w.id = owner_id GROUP BY owner_kind, owner_id, w.id
), enough AS (SELECT count(*) >= ${MAX_NEAREST} AS full_answer FROM nearest)${WITH_BM25}
WHERE (SELECT full_answer FROM enough)`;
var INDEX_SETTINGS = `SET LOCAL hnsw.iterative_scan = relaxed_order; SET LOCAL hnsw.ef_search = ${MAX_NEAREST};
  SET LOCAL hnsw.max_scan_tuples = 20000; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off;
  SET LOCAL enable_sort = off; SET LOCAL jit = off`;

// src/memory/passage-index/compare-vectors.ts
var STEPS = 8192;
var FIRST_PASSAGES = MAX_NEAREST_MEMORIES + 28;
async function findNearest(index2, vector, kinds, wanted, now) {
  const nearly = new Float64Array(index2.passages.length);
  for (let block = 0; block < index2.vectors.blocks(); block++) {
    await yieldToEventLoop();
    index2.vectors.compareBlock(block, vector, nearly);
  }
  const isSearched = (slot) => {
    const passage = index2.passages[slot];
    return passage?.hasVector === true && passage.expiresAt > now && kinds.includes(passage.owner.kind);
  };
  const owners = chooseOwners(index2, nearly, isSearched);
  for (const id of wanted) {
    const owner = index2.owners.get(id);
    if (owner?.slots.some(isSearched)) owners.add(owner);
  }
  return Array.from(owners, (owner) => ({
    owner,
    cosine: Math.max(...owner.slots.filter(isSearched).map((slot) => index2.vectors.compare(slot, vector))),
  }))
    .sort((a, b) => b.cosine - a.cosine || (a.owner.id < b.owner.id ? -1 : 1))
    .filter(({ owner }, rank) => rank < MAX_NEAREST_MEMORIES || wanted.has(owner.id));
}
function chooseOwners(index2, nearly, isSearched) {
  const counts = new Uint32Array(STEPS);
  for (let slot = 0; slot < nearly.length; slot++) {
    const step = stepOf(nearly[slot]);
    counts[step] = counts[step] + 1;
  }
  for (let enough = FIRST_PASSAGES; ; enough *= 4) {
    let step = STEPS;
    for (let passages = 0; step > 0 && passages < enough; ) passages += counts[--step];
    const least = (2 * (step - 1)) / STEPS - 1 - 2 * NEARLY;
    const owners = /* @__PURE__ */ new Set();
    for (let slot = 0; slot < nearly.length; slot++) {
      if (nearly[slot] >= least && isSearched(slot)) owners.add(index2.passages[slot].owner);
    }
    if (owners.size >= MAX_NEAREST_MEMORIES || step === 0) return owners;
  }
}
function stepOf(cosine) {
  return Math.min(STEPS - 1, Math.max(0, Math.floor(((cosine + 1) / 2) * STEPS)));
}

// bench/support/short-notes.ts
var SUBJECTS = [
  'the login page',
  'the job queue',
  'the payment webhook',
  'the search index',
  'the cache',
  'the release script',
  'the user table',
  'the mail sender',
  'the rate limiter',
  'the upload handler',
  'the session store',
  'the image resizer',
  'the audit log',
  'the feature flags',
  'the billing report',
  'the retry policy',
  'the event stream',
  'the schema migration',
  'the test fixture',
  'the config loader',
];
var VERBS = [
  'times out',
  'leaks memory',
  'drops messages',
  'returns stale data',
  'fails on empty input',
  'locks a row too long',
  'is slow at night',
  'needs a restart',
  'ignores the locale',
  'writes twice',
  'loses precision',
  'rejects unicode',
  'panics on shutdown',
  'skips the last page',
  'blocks the main thread',
];
var CAUSES = [
  'when two workers race',
  'behind the proxy',
  'after a deploy',
  'with a cold start',
  'under heavy load',
  'on the first of the month',
  'without a network',
  'if the token has expired',
  'for admins only',
  'in the staging cluster',
  'since the upgrade',
  'with daylight saving time',
];
var FIXES = [
  'so pin the version',
  'so raise the limit',
  'so check the order',
  'so add an index',
  'so retry with jitter',
  'so flush before closing',
  'so use a transaction',
  'so clear it by hand',
  'so ask the platform team',
  'so read the runbook',
];
function shortNotes(count) {
  const all = SUBJECTS.length * VERBS.length * CAUSES.length * FIXES.length;
  return Array.from({ length: count }, (_, i) => {
    let n = (i * 7919) % all;
    const pick = (list) => {
      const word = list[n % list.length] ?? '';
      n = Math.floor(n / list.length);
      return word;
    };
    return `${pick(SUBJECTS)} ${pick(VERBS)} ${pick(CAUSES)}, ${pick(FIXES)}`;
  });
}

// bench/zz-micro.ts
var N = Number(process.argv[2] ?? 5e4);
var texts = shortNotes(36e3);
var index = createProjectIndex('p');
var t = performance.now();
var v = new Float32Array(384).map(() => Math.random() - 0.5);
{
  let s = 0;
  for (const x of v) s += x * x;
  s = Math.sqrt(s);
  for (let d = 0; d < 384; d++) v[d] /= s;
}
for (let i = 0; i < N; i++) {
  const words = texts[i % 36e3].split(/[ ,]+/);
  const lex = [...new Set(words)].map((w, k) => `'${w}':${k + 1}`).join(' ');
  const vec = new Float32Array(384);
  let s = 0;
  for (let d = 0; d < 384; d++) {
    vec[d] = v[d] + (Math.random() - 0.5) * 0.2;
    s += vec[d] ** 2;
  }
  s = Math.sqrt(s);
  for (let d = 0; d < 384; d++) vec[d] /= s;
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
var cpu = async (name, f) => {
  const l = [];
  for (let i = 0; i < 15; i++) {
    const a = process.cpuUsage();
    await f();
    const b = process.cpuUsage(a);
    l.push(b.user / 1e3);
  }
  l.sort((a, b) => a - b);
  console.log(name, 'cpu min', l[0], 'med', l[7]);
};
var lexemes = texts[77]
  .split(/[ ,]+/)
  .map((lexeme, i) => ({ ord: i + 1, lexeme, identifier: false, stop: false, weight: null }));
var KINDS = ['insight', 'decision', 'stash'];
var sc;
await cpu('scoreWords', () => {
  sc = scoreWords(index, lexemes, KINDS, Date.now());
});
await cpu('ofOwners', () => sc.ofOwners([...index.owners.values()].slice(0, 100)));
await cpu('nearest', () => findNearest(index, v, KINDS, /* @__PURE__ */ new Set(['insight_3']), Date.now()));
