import type { OpenEvaluation } from '../app/open-evaluation.js';
import type { Evaluation } from '../memory/evaluation/evaluate.js';
import type { Retriever } from '../memory/search/search-types.js';
import type { AddCommand, CommandContext } from './command-context.js';

export const addEval: AddCommand = (program, context) => {
  program
    .command('eval')
    .description(
      'Measure retrieval on a folder in BEIR form (corpus.jsonl, queries.jsonl, qrels.tsv), in a scratch project',
    )
    .argument('<dir>', 'the folder')
    .option('--json', 'print JSON')
    .action(async (dir: string, options: { json?: boolean }) => {
      const { evaluation, answerTokens } = await runEvaluation(dir, context);
      context.write(options.json ? JSON.stringify(evaluation) : describe(evaluation, answerTokens));
    });
};

/** Queries whose recall answers are weighed, of those that the set begins with. */
const WEIGHED_QUERIES = 50;

interface Outcome {
  evaluation: Evaluation;
  /** Mean of a `recall` of 5 hits, about. */
  answerTokens: number;
}

async function runEvaluation(dir: string, { env }: CommandContext): Promise<Outcome> {
  const { loadBeir } = await import('../memory/evaluation/load-beir.js');
  const { parseConfig } = await import('../parse-config.js');
  const { createLogger } = await import('../logger.js');
  const { openEvaluation } = await import('../app/open-evaluation.js');
  const set = await loadBeir(dir);
  const config = parseConfig(env);
  const abort = new AbortController();
  const onSignal = (): void => abort.abort(new Error('interrupted'));
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  const product = await openEvaluation(config, createLogger(config.logLevel, 'eval'));
  try {
    return await evaluateIn(product, set, config.version, abort.signal);
  } finally {
    await product.close();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

async function evaluateIn(
  { pool, services, search }: OpenEvaluation,
  set: Parameters<typeof import('../memory/evaluation/evaluate.js').evaluate>[0],
  version: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { evaluate } = await import('../memory/evaluation/evaluate.js');
  const { removeProject } = await import('../memory/evaluation/remove-project.js');
  const { refreshLexemeStats } = await import('../memory/search/refresh-lexeme-stats.js');
  const { estimateTokens } = await import('../text/estimate-tokens.js');
  const { newId } = await import('../text/ids.js');
  const agentId = newId('agent_');
  // A project of this run's own, whatever folder it is started in.
  const project = {
    id: `proj_eval_${agentId.slice('agent_'.length)}`,
    root: `eval ${set.name}`,
    worktree: process.cwd(),
  };
  const actor = { projectId: project.id, agentId, sessionId: null };
  await services.agents.connect(project, {
    id: agentId,
    name: 'popstash eval',
    clientVersion: version,
    host: 'eval',
    pid: process.pid,
  });
  try {
    const evaluation = await evaluate(set, {
      projectId: project.id,
      search,
      signal,
      save: async (content) => (await services.insights.save(actor, { content })).id,
      countPending: async () => {
        const { rows } = await pool.query<{ pending: number }>(
          'SELECT count(*)::integer AS pending FROM passages WHERE project_id = $1 AND embedded_at IS NULL',
          [project.id],
        );
        return rows[0]?.pending ?? 0;
      },
      refreshStatistics: () => refreshLexemeStats(pool, project.id),
      onProgress: (text) => process.stderr.write(`${text}\n`),
    });
    const weighed = set.queries.slice(0, WEIGHED_QUERIES);
    let tokens = 0;
    for (const query of weighed) {
      const input = { query: query.text, limit: 5, kinds: ['insight'] as const, tokenBudget: 650 };
      const { hits } = await services.recall.recall(actor, project.worktree, input);
      const answer = hits.map(({ memory, score, why, text }) => ({
        insight_id: memory.id,
        content: text,
        match_score: score,
        why,
      }));
      tokens += estimateTokens(JSON.stringify(answer));
    }
    return { evaluation, answerTokens: Math.round(tokens / Math.max(1, weighed.length)) };
  } finally {
    await removeProject(pool, project.id);
  }
}

function describe(result: Evaluation, answerTokens: number): string {
  const names = ['hit@1', 'hit@5', 'R@5', 'MRR@10', 'nDCG@10'] as const;
  const row = (retriever: Retriever): string =>
    [retriever.padEnd(10), ...names.map((name) => result.legs[retriever][name].toFixed(4).padStart(8))].join('');
  const { auroc } = result.abstention;
  return [
    `${result.set}: ${result.documents} documents, ${result.queries} queries`,
    ['retriever'.padEnd(10), ...names.map((name) => name.padStart(8))].join(''),
    row('lexical'),
    row('vector'),
    row('hybrid'),
    `abstention AUROC ${auroc === null ? '(every query has an answer)' : auroc.toFixed(4)}`,
    `latency p50 ${result.latency_ms.p50.toFixed(1)} ms, p99 ${result.latency_ms.p99.toFixed(1)} ms`,
    `a recall of 5 hits takes about ${answerTokens} tokens`,
  ].join('\n');
}
