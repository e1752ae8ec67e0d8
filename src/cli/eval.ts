import type { EvaluationOutcome } from '../app/run-evaluation.js';
import { AppError } from '../errors.js';
import type { Evaluation } from '../memory/evaluation/evaluate.js';
import type { Risk, RiskPoint } from '../memory/evaluation/measure-risk.js';
import type { AddCommand, CommandContext } from './context/command-context.js';
import { describeLegs } from './output/describe-legs.js';
import { writeError } from './terminal/write-error.js';

const EXAMPLES = `
Examples:
  popstash eval ./nfcorpus                          all of a set in BEIR form
  popstash eval --own --json > before.json          what agents marked, to compare with later
  popstash eval --own --against before.json`;

export const addEval: AddCommand = (program, context) => {
  program
    .command('eval')
    .description(
      'Measure retrieval on a folder in BEIR form (corpus.jsonl, queries.jsonl, qrels.tsv), in a scratch project',
    )
    .argument('[dir]', 'the folder')
    .option('--own', "instead of a folder: this project's memories, by what agents marked useful or wrong")
    .option('--against <file>', 'with --own: an earlier --json answer; ends with 1 when its queries find less now')
    .option(
      '--risk [dirs...]',
      'print which share of questions is refused by score; questions of these other folders count as unanswerable',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (dir: string | undefined, options: EvalOptions) => {
      if (options.own) {
        const { evaluateOwnMarks } = await import('./context/evaluate-own-marks.js');
        await evaluateOwnMarks(context, options);
        return;
      }
      if (dir === undefined) throw missingFolder();
      const foreignDirs = Array.isArray(options.risk) ? options.risk : [];
      const { evaluation, answerTokens } = await runUntilSignal(dir, foreignDirs, context);
      const lines = options.risk ? [describeRisk(evaluation.risk)] : [];
      context.write(
        options.json ? JSON.stringify(evaluation) : [describe(evaluation, answerTokens), ...lines].join('\n'),
      );
    });
};

interface EvalOptions {
  own?: boolean;
  against?: string;
  risk?: true | string[];
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
    onProgress: (text) => writeError(text),
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
