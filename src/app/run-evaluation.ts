import type { Config } from '../config.js';
import type { Logger } from '../logger.js';
import { type Evaluation, evaluate } from '../memory/evaluation/evaluate.js';
import { loadBeir } from '../memory/evaluation/load-beir.js';
import { removeProject } from '../memory/evaluation/remove-project.js';
import { refreshLexemeStats } from '../memory/search/refresh-lexeme-stats.js';
import type { Project } from '../project/resolve-project.js';
import { estimateTokens } from '../text/estimate-tokens.js';
import { newId } from '../text/ids.js';
import { type OpenEvaluation, openEvaluation } from './open-evaluation.js';

export interface EvaluationOutcome {
  evaluation: Evaluation;
  /** Mean of a `recall` of 5 hits, about. */
  answerTokens: number;
}

export interface EvaluationRun {
  /** Folder in BEIR form. */
  dir: string;
  config: Config;
  logger: Logger;
  /** Aborts it; what it wrote is removed all the same. */
  signal: AbortSignal;
  onProgress: (text: string) => void;
}

/** Queries whose recall answers are weighed, of those that the set begins with. */
const WEIGHED_QUERIES = 50;

/** Measures retrieval through the real write and search paths, in a project of this run's own that it removes. */
export async function runEvaluation(run: EvaluationRun): Promise<EvaluationOutcome> {
  const set = await loadBeir(run.dir);
  const product = await openEvaluation(run.config, run.logger);
  try {
    return await evaluateIn(product, set, run);
  } finally {
    await product.close();
  }
}

async function evaluateIn(
  product: OpenEvaluation,
  set: Parameters<typeof evaluate>[0],
  { config, signal, onProgress }: EvaluationRun,
): Promise<EvaluationOutcome> {
  const { pool, services, search } = product;
  const agentId = newId('agent_');
  const id = `proj_eval_${agentId.slice('agent_'.length)}`;
  const project: Project = { id, root: `eval ${set.name}`, worktree: process.cwd() };
  const actor = { projectId: id, agentId, sessionId: null };
  await services.agents.connect(project, {
    id: agentId,
    client: 'popstash eval',
    clientVersion: config.version,
    host: 'eval',
    pid: process.pid,
    terminal: null,
    branch: null,
    clientSession: null,
  });
  try {
    const evaluation = await evaluate(set, {
      projectId: id,
      search,
      signal,
      save: async (content) => (await services.insights.save(actor, { content })).id,
      countPending: async () => {
        const { rows } = await pool.query<{ pending: number }>(
          'SELECT count(*)::integer AS pending FROM passages WHERE project_id = $1 AND embedded_at IS NULL',
          [id],
        );
        return rows[0]?.pending ?? 0;
      },
      refreshStatistics: () => refreshLexemeStats(pool, id),
      onProgress,
    });
    const queries = set.queries.slice(0, WEIGHED_QUERIES).map(({ text }) => text);
    return { evaluation, answerTokens: await weighAnswers(product, actor, project.worktree, queries) };
  } finally {
    await removeProject(pool, id);
  }
}

/** @returns the mean tokens of what `recall` answers to these queries */
async function weighAnswers(
  { services }: OpenEvaluation,
  actor: { projectId: string; agentId: string; sessionId: null },
  worktree: string,
  queries: readonly string[],
): Promise<number> {
  let tokens = 0;
  for (const query of queries) {
    const input = { query, limit: 5, kinds: ['insight'] as const, tokenBudget: 650 };
    const { hits } = await services.recall.recall(actor, worktree, input);
    const answer = hits.map(({ memory, score, why, text }) => ({
      insight_id: memory.id,
      content: text,
      match_score: score,
      why,
    }));
    tokens += estimateTokens(JSON.stringify(answer));
  }
  return Math.round(tokens / Math.max(1, queries.length));
}
