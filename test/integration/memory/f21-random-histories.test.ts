// Trial F21: random histories with 20 notes each. What recall says of where each one holds is right by its rule, by an
// oracle that asks plain git; what git can't decide is unknown, never wrong.
import { realpathSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createDecisionRepository } from '../../../src/memory/decisions/decision-repository.js';
import { createDecisionsService } from '../../../src/memory/decisions/decisions-service.js';
import { createInsightRepository } from '../../../src/memory/insights/insight-repository.js';
import { createInsightsService } from '../../../src/memory/insights/insights-service.js';
import { createOrigins } from '../../../src/memory/origins/create-origins.js';
import type { Holds } from '../../../src/memory/origins/origin-types.js';
import { createRecallRepository } from '../../../src/memory/recall/recall-repository.js';
import { createRecallService } from '../../../src/memory/recall/recall-service.js';
import { createSearch } from '../../../src/memory/search/search.js';
import { NO_TELEMETRY } from '../../../src/telemetry/no-telemetry.js';
import { createRedactor } from '../../../src/text/redact.js';
import { createOracle, type ExpectedLabels, type SeenAtWriting, seeNow } from '../../support/histories/oracle.js';
import { createRandom } from '../../support/histories/random.js';
import { startHistory } from '../../support/histories/random-history.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { createFolder } from '../../support/setup/folders.js';
import { trialCount } from '../../support/setup/trial.js';

const HISTORIES = trialCount(4, 1_000);
const FIRST_SEED = Number(process.env.POPSTASH_TRIAL_SEED ?? 1);
const NOTES = 20;
const TOPICS = ['storage', 'errors', 'style'];

const { pool } = await createTestDatabase();
const search = createSearch({
  pool,
  queryEmbedder: { embedQuery: () => Promise.resolve(null), close: () => Promise.resolve() },
});
const { notes, labels } = createOrigins(pool);
const common = { redactor: createRedactor(), telemetry: NO_TELEMETRY, enqueueEmbedding: () => undefined, notes };
const insights = createInsightsService({ ...common, repository: createInsightRepository(pool) });
const decisions = createDecisionsService({ ...common, repository: createDecisionRepository(pool), search });
const recall = createRecallService({ ...common, repository: createRecallRepository(pool), search, labels });

interface Note {
  id: string;
  topic: string | null;
  seen: SeenAtWriting;
}

const counts = { merged: 0, unmerged: 0, unknown: 0, other: 0, changed: 0, missing: 0, replaced: 0, undecided: 0 };

test(`labels of ${NOTES} notes in each of ${HISTORIES} random histories are right`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed += 1) {
    await tryHistory(seed);
    if ((seed - FIRST_SEED) % 50 === 49) process.stderr.write(`F21: up to seed ${seed}, ${JSON.stringify(counts)}\n`);
  }
  process.stderr.write(`F21: ${HISTORIES} histories, ${JSON.stringify(counts)}\n`);
});

async function tryHistory(seed: number): Promise<void> {
  const random = createRandom(seed);
  const projectId = `p${seed}`;
  await pool.query('TRUNCATE projects, memory_origins CASCADE');
  await pool.query('INSERT INTO projects (id, root) VALUES ($1, $1)', [projectId]);
  await pool.query("INSERT INTO agents (id, project_id, name) VALUES ('agent_me', $1, 'me')", [projectId]);
  const actor = { projectId, agentId: 'agent_me', sessionId: null };
  const history = startHistory(realpathSync(createFolder()), random);
  const written: Note[] = [];
  while (written.length < NOTES) {
    for (let step = random.below(4); step > 0; step -= 1) history.step();
    const tree = history.pickTree();
    const files = history.pickFiles(tree);
    const text = `zebra note ${written.length} speaks of ${files.join(' and ')} here`;
    const seen = seeNow(tree, files);
    const topic = random.chance(0.3) ? random.pick(TOPICS) : null;
    const options = { worktree: tree.folder };
    const saved =
      topic === null
        ? await insights.save(actor, { content: text }, options)
        : await decisions.save(actor, { topic, decision: text }, options);
    await notes.settled();
    written.push({ id: saved.id, topic, seen });
  }
  for (let step = random.below(8); step > 0; step -= 1) history.step();
  const asking = history.pickTree();
  if (random.chance(0.7)) history.checkOutForAsking(asking);
  const oracle = createOracle(asking);
  const expected = new Map(written.map(({ id, seen }) => [id, oracle(seen)]));
  const ask = async () => {
    const input = { query: 'zebra', limit: 50, kinds: ['insight', 'decision'] as const, tokenBudget: 50_000 };
    return new Map((await recall.recall(actor, asking.folder, input)).hits.map((hit) => [hit.memory.id, hit]));
  };
  // At once, within the deadline: right or unknown. With time enough: right.
  const answer = await ask();
  for (const note of written) checkNote(seed, note, answer.get(note.id)?.holds, expected.get(note.id), true);
  const memories = [...answer.values()].map(({ memory }) => ({ ...memory, text: memory.content }));
  const settled = await labels.begin(asking.folder)(memories, 60_000);
  for (const note of written) checkNote(seed, note, settled.get(note.id), expected.get(note.id), false);
  for (const [index, { id, topic }] of written.entries()) {
    const later = topic === null ? undefined : written.slice(index + 1).findLast((other) => other.topic === topic);
    if (later) counts.replaced += 1;
    expect(answer.get(id)?.laterDecision?.decisionId, `seed ${seed}, note ${index}: later decision`).toBe(later?.id);
  }
}

/** @param isFirst what is not decided yet may be unknown */
function checkNote(
  seed: number,
  { id, seen }: Note,
  holds: Holds | undefined,
  expected: ExpectedLabels | undefined,
  isFirst: boolean,
): void {
  if (!holds || !expected) throw new Error(`seed ${seed}: ${id} was not found`);
  const wanted: Holds = {
    notMerged: expected.branch === 'unmerged' ? (seen.branch ?? seen.commit.slice(0, 8)) : null,
    otherWorktree: expected.isOtherWorktree ? seen.folder : null,
    changedFiles: expected.changed,
    missingFiles: expected.missing,
    unknown: expected.branch === 'unknown' ? ['branch'] : [],
  };
  const undecided = isFirst ? holds.unknown : [];
  if (undecided.includes('branch')) Object.assign(wanted, { notMerged: null });
  if (undecided.includes('worktree')) Object.assign(wanted, { otherWorktree: null });
  if (undecided.includes('files')) {
    // What is known by then is said, and nothing else.
    for (const path of holds.changedFiles) expect(expected.changed, `seed ${seed}, ${id}`).toContain(path);
    for (const path of holds.missingFiles) expect(expected.missing, `seed ${seed}, ${id}`).toContain(path);
    Object.assign(wanted, { changedFiles: holds.changedFiles, missingFiles: holds.missingFiles });
  }
  if (isFirst) {
    counts.undecided += Number(holds.unknown.length > wanted.unknown.length);
    wanted.unknown = holds.unknown;
  } else {
    counts[expected.branch] += 1;
    counts.other += Number(expected.isOtherWorktree);
    counts.changed += expected.changed.length;
    counts.missing += expected.missing.length;
  }
  const note = `seed ${seed}, ${id} of ${seen.branch} ${seen.commit}${isFirst ? ', at once' : ''}`;
  expect(holds, note).toEqual(wanted);
}
