import type { EvaluationOutcome } from '../app/run-evaluation.js';
import { AppError } from '../errors.js';
import type { Evaluation } from '../memory/evaluation/evaluate.js';
import type { AddCommand, CommandContext } from './context/command-context.js';
import { describeLegs } from './output/describe-legs.js';

export const addEval: AddCommand = (program, context) => {
  program
    .command('eval')
    .description(
      'Measure retrieval on a folder in BEIR form (corpus.jsonl, queries.jsonl, qrels.tsv), in a scratch project',
    )
    .argument('[dir]', 'the folder')
    .option('--own', "instead of a folder: this project's memories, by what agents marked useful or wrong")
    .option('--against <file>', 'with --own: an earlier --json answer; ends with 1 when its queries find less now')
    .option('--json', 'print JSON')
    .action(async (dir: string | undefined, options: EvalOptions) => {
      if (options.own) {
        const { evaluateOwnMarks } = await import('./context/evaluate-own-marks.js');
        await evaluateOwnMarks(context, options);
        return;
      }
      if (dir === undefined) throw missingFolder();
      const { evaluation, answerTokens } = await runUntilSignal(dir, context);
      context.write(options.json ? JSON.stringify(evaluation) : describe(evaluation, answerTokens));
    });
};

interface EvalOptions {
  own?: boolean;
  against?: string;
  json?: boolean;
}

function missingFolder(): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: 'eval needs a folder, or --own.',
    fix: 'Give a folder in BEIR form, or call eval --own for what agents marked in this project.',
  });
}

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
  const { auroc } = result.abstention;
  return [
    `${result.set}: ${result.documents} documents, ${result.queries} queries`,
    ...describeLegs(result.legs),
    `abstention AUROC ${auroc === null ? '(every query has an answer)' : auroc.toFixed(4)}`,
    `latency p50 ${result.latency_ms.p50.toFixed(1)} ms, p99 ${result.latency_ms.p99.toFixed(1)} ms`,
    `a recall of 5 hits takes about ${answerTokens} tokens`,
  ].join('\n');
}
