import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { AppError } from '../../errors.js';
import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import { compareRuns, type OwnComparison, type OwnQuery } from '../../memory/feedback/evaluate-own.js';
import { describeLegs } from '../output/describe-legs.js';
import { connectToServer } from './ask-server.js';
import type { CommandContext } from './command-context.js';

const earlierRun = z.object({ each: z.array(z.object({ query: z.string(), 'nDCG@10': z.number() })) });

/**
 * Measures searches by what agents marked in this project, and compares with an earlier run: the exit code is 1 when the
 * queries that both have find less now.
 */
export async function evaluateOwnMarks(
  context: CommandContext,
  { against, json }: { against?: string; json?: boolean },
): Promise<void> {
  const before = against === undefined ? null : readRun(against);
  const session = await connectToServer(context);
  let answer: AdminAnswer<'evaluateOwn'>;
  try {
    answer = await session.ask('evaluateOwn', undefined, { onProgress: () => undefined });
  } finally {
    await session.close();
  }
  const comparison = before && compareRuns(before, answer.each);
  context.write(json ? JSON.stringify({ ...answer, ...(comparison && { comparison }) }) : describe(answer, comparison));
  if (comparison?.isWorse) process.exitCode = 1;
}

function readRun(path: string): OwnQuery[] {
  try {
    return earlierRun.parse(JSON.parse(readFileSync(path, 'utf8'))).each;
  } catch (error) {
    throw new AppError({
      code: 'invalid_argument',
      message: `${path} is not an answer of eval --own --json.`,
      fix: 'Save one first: popstash eval --own --json > before.json',
      cause: error,
    });
  }
}

function describe(answer: AdminAnswer<'evaluateOwn'>, comparison: OwnComparison | null): string {
  const { queries, useful, wrong, legs, wrongFirst } = answer;
  if (useful + wrong === 0) return 'No agent marked a memory useful or wrong yet (recall with useful or wrong).';
  const lines = [`${queries} queries; ${useful} memories marked useful, ${wrong} wrong`];
  if (queries > 0) lines.push(...describeLegs(legs));
  if (wrongFirst !== null) lines.push(`first hit is marked wrong: ${(100 * wrongFirst).toFixed(0)} % of queries`);
  if (comparison) {
    const { shared, before, now, isWorse } = comparison;
    lines.push(
      `nDCG@10 of ${shared} shared queries: ${before.toFixed(4)}, now ${now.toFixed(4)}${isWorse ? ': worse' : ''}`,
    );
  }
  return lines.join('\n');
}
