import type { EvaluationOutcome } from '../app/run-evaluation.js';
import type { Evaluation } from '../memory/evaluation/evaluate.js';
import type { Risk, RiskPoint } from '../memory/evaluation/measure-risk.js';
import type { Retriever } from '../memory/search/search-types.js';
import type { AddCommand, CommandContext } from './context/command-context.js';

export const addEval: AddCommand = (program, context) => {
  program
    .command('eval')
    .description(
      'Measure retrieval on a folder in BEIR form (corpus.jsonl, queries.jsonl, qrels.tsv), in a scratch project',
    )
    .argument('<dir>', 'the folder')
    .option(
      '--risk [dirs...]',
      'print which share of questions is refused by score; questions of these other folders count as unanswerable',
    )
    .option('--json', 'print JSON')
    .action(async (dir: string, options: { json?: boolean; risk?: true | string[] }) => {
      const foreignDirs = Array.isArray(options.risk) ? options.risk : [];
      const { evaluation, answerTokens } = await runUntilSignal(dir, foreignDirs, context);
      const lines = options.risk ? [describeRisk(evaluation.risk)] : [];
      context.write(
        options.json ? JSON.stringify(evaluation) : [describe(evaluation, answerTokens), ...lines].join('\n'),
      );
    });
};

/** Ended by Ctrl-C or SIGTERM, it removes what it wrote. */
async function runUntilSignal(
  dir: string,
  foreignDirs: readonly string[],
  { env }: CommandContext,
): Promise<EvaluationOutcome> {
  const [{ parseConfig }, { createLogger }, { runEvaluation }] = await Promise.all([
    import('../parse-config.js'),
    import('../logger.js'),
    import('../app/run-evaluation.js'),
  ]);
  const config = parseConfig(env);
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => abort.abort(new Error('interrupted')));
  return await runEvaluation({
    dir,
    foreignDirs,
    config,
    logger: createLogger(config.logLevel, 'eval'),
    signal: abort.signal,
    onProgress: (text) => process.stderr.write(`${text}\n`),
  });
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

function describeRisk({ answerable, unanswerable, at, curve }: Risk): string {
  const share = (value: number | null): string => (value === null ? '-' : `${(100 * value).toFixed(1)} %`).padStart(24);
  const row = (point: RiskPoint): string =>
    [point.score.toFixed(2).padEnd(10), share(point.answerable_refused), share(point.unanswerable_refused)].join('');
  return [
    '',
    `"nothing relevant", of ${answerable} questions with an answer and ${unanswerable} without`,
    ['score <'.padEnd(10), 'answerable refused'.padStart(24), 'unanswerable refused'.padStart(24)].join(''),
    ...curve.map((point) => (point.score === at.score ? `${row(point)}  as search decides` : row(point))),
  ].join('\n');
}
