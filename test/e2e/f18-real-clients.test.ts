// F18: real client programs, driven by a scripted model on loopback. What `popstash costs` says equals their own account of
// the cost, without a scan and without the agent's word.
import { expect, test } from 'vitest';
import { CLAUDE_CODE, type ClaudeResult, runClaude } from '../support/clients/claude-code.js';
import { type ModelStep, type ModelUsage, usageOf } from '../support/clients/model-script.js';
import { type CostsRow, createUserMachine, untilRequests, useClient } from '../support/clients/real-client.js';
import { startScriptedModel } from '../support/clients/scripted-model.js';
import { runCommand } from '../support/processes/processes.js';

const CLIENTS_TIMEOUT_MS = 15 * 60_000;
/** Of two accounts of the same requests, in dollars. */
const CLOSE = 9;

const call = (tool: string, input: Record<string, unknown> = {}) => ({ name: `mcp__popstash__${tool}`, input });
/** What an agent invents of its own usage. */
const INVENTED = { tokens_in: 99_000_000, tokens_out: 88_000_000, model: 'claude-opus-4-5' };

const sum = (steps: readonly ModelStep[]) =>
  steps.map(usageOf).reduce(
    (total, usage) => ({
      input: total.input + usage.input,
      output: total.output + usage.output,
      reasoning: total.reasoning + usage.reasoning,
      cacheRead: total.cacheRead + usage.cacheRead,
      cacheWrite5m: total.cacheWrite5m + usage.cacheWrite5m,
      cacheWrite1h: total.cacheWrite1h + usage.cacheWrite1h,
    }),
    { input: 0, output: 0, reasoning: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 },
  );

const tokensOf = ({ tokens }: CostsRow): ModelUsage => ({
  input: tokens.input,
  output: tokens.output,
  reasoning: tokens.reasoning,
  cacheRead: tokens.cache_read,
  cacheWrite5m: tokens.cache_write_5m,
  cacheWrite1h: tokens.cache_write_1h,
});

/** Each request has figures of its own, so that none can be taken for another. */
const work: readonly ModelStep[] = [
  {
    text: 'A look first.',
    tools: [{ name: 'Read', input: { file_path: 'a.ts' } }],
    usage: { input: 1_001, output: 51, cacheWrite5m: 2_000, cacheWrite1h: 300 },
  },
  {
    tools: [call('start_task', { task: 'Build it', files: ['a.ts'] })],
    usage: { input: 11, output: 61, cacheRead: 2_300, cacheWrite5m: 100 },
  },
  {
    tools: [
      {
        name: 'Agent',
        input: {
          description: 'explore',
          prompt: 'HELPER look around',
          subagent_type: 'general-purpose',
          run_in_background: false,
        },
      },
    ],
    usage: { input: 12, output: 62, cacheRead: 2_400 },
  },
  { tools: [call('report_cost', INVENTED)], usage: { input: 13, output: 63, cacheWrite1h: 5_000 } },
  { tools: [call('end_task', { summary: 'built', ...INVENTED })], usage: { input: 14, output: 64 } },
  { text: 'Done.', usage: { input: 15, output: 65 } },
  { text: 'Went on.', usage: { input: 16, output: 66, cacheRead: 7_000 } },
];
const helper: readonly ModelStep[] = [
  { tools: [{ name: 'Bash', input: { command: 'ls' } }], usage: { input: 777, output: 7 } },
  { text: 'Found it.', usage: { input: 888, output: 8, cacheRead: 100 } },
];
const other: readonly ModelStep[] = [
  { tools: [call('start_task', { task: 'Other work' })], usage: { input: 21, output: 71, cacheWrite5m: 900 } },
  { tools: [call('insight', { content: 'Windows do not mix.' })], usage: { input: 22, output: 72 } },
  { tools: [call('end_task', { summary: 'other' })], usage: { input: 23, output: 73 } },
  { text: 'Done too.', usage: { input: 24, output: 74 } },
];

test(
  'Claude Code: sub-agents, a resumed session, two windows, both kinds of cache writes, invented tokens',
  async ({ skip }) => {
    const command = await useClient(skip, CLAUDE_CODE);
    const machine = createUserMachine();
    await runCommand(['init', '--client', 'claude', '--yes'], { env: machine.env, cwd: machine.project });
    const model = await startScriptedModel({ steps: work, by: { HELPER: helper, OTHER: other } });
    const run = (prompt: string, resume?: string): Promise<ClaudeResult> =>
      runClaude({
        command,
        prompt,
        cwd: machine.project,
        home: machine.home,
        modelUrl: model.url,
        env: machine.env as Record<string, string>,
        ...(resume !== undefined && { resume }),
      });

    const first = await run('Please work.');
    const [resumed, second] = await Promise.all([run('Go on.', first.session_id), run('OTHER work, please.')]);
    for (const { is_error, result } of [first, resumed, second]) expect(is_error, result).toBe(false);
    expect(resumed.session_id).toBe(first.session_id);

    const requests = work.length + helper.length + other.length;
    const bySession = await untilRequests(machine, requests, '--by', 'session');
    // A resumed session goes on with the account that it had.
    for (const { session_id, total_cost_usd } of [resumed, second]) {
      const row = bySession.rows.find(({ key }) => key === session_id);
      expect(Number(row?.cost_usd), session_id).toBeCloseTo(total_cost_usd, CLOSE);
    }
    expect(bySession.rows).toHaveLength(2);
    expect(bySession.total.grades).toEqual({ transcript: { requests, cost_usd: bySession.total.cost_usd } });
    expect(bySession.coverage).toEqual({ sessions: 2, with_evidence: 2, reported_only: 0, missing: 0 });

    const byModel = await untilRequests(machine, requests, '--by', 'model');
    expect(byModel.rows.map(({ key }) => key)).toEqual(['claude-opus-4-5']);
    expect(tokensOf(byModel.total)).toEqual(sum([...work, ...helper, ...other]));
    const usages = [resumed, second].flatMap(({ modelUsage }) => Object.values(modelUsage));
    const total = (field: (usage: (typeof usages)[number]) => number) =>
      usages.reduce((all, usage) => all + field(usage), 0);
    const { tokens } = byModel.total;
    expect({
      input: tokens.input,
      output: tokens.output,
      cacheRead: tokens.cache_read,
      cacheWrite: tokens.cache_write_5m + tokens.cache_write_1h,
    }).toEqual({
      input: total(({ inputTokens }) => inputTokens),
      output: total(({ outputTokens }) => outputTokens),
      cacheRead: total(({ cacheReadInputTokens }) => cacheReadInputTokens),
      cacheWrite: total(({ cacheCreationInputTokens }) => cacheCreationInputTokens),
    });
    expect(Number(byModel.total.cost_usd)).toBeCloseTo(
      total(({ costUSD }) => costUSD),
      CLOSE,
    );

    const byTask = await untilRequests(machine, requests, '--by', 'task');
    const tasks = byTask.rows.filter(({ key }) => key !== null).map(tokensOf);
    expect(tasks).toHaveLength(2);
    expect(tasks).toContainEqual(sum([...work.slice(1, 5), ...helper]));
    expect(tasks).toContainEqual(sum(other.slice(0, 3)));
  },
  CLIENTS_TIMEOUT_MS,
);
