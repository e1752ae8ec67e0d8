import type { EvaluationOutcome } from '../app/run-evaluation.js';
import type { Evaluation } from '../memory/evaluation/evaluate.js';
import type { Retriever } from '../memory/search/search-types.js';
import type { AddCommand, CommandContext } from './context/command-context.js';

export const addEval: AddCommand = (program, context) => {
  program
    .command('eval')
    .description(
      'Measure retrieval on a folder in BEIR form (corpus.jsonl, queries.jsonl, qrels.tsv), in a scratch project',
    )
    .argument('<dir>', 'the folder')
    .option('--json', 'print JSON')
    .action(async (dir: string, options: { json?: boolean }) => {
      const { evaluation, answerTokens } = await runUntilSignal(dir, context);
      context.write(options.json ? JSON.stringify(evaluation) : describe(evaluation, answerTokens));
    });
};

/** Ended by Ctrl-C or SIGTERM, it removes what it wrote. */
async function runUntilSignal(dir: string, { env }: CommandContext): Promise<EvaluationOutcome> {
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
