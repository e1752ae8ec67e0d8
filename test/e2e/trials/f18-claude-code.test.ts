// F18: Claude Code itself, driven by a scripted model on loopback. What `popstash costs` says equals the client's own account
// of the cost, without a scan and without the agent's word.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFreePort } from '../../../scripts/services/free-port.mjs';
import { CLAUDE_CODE, type ClaudeResult, runClaude } from '../../support/clients/claude-code.js';
import type { ModelStep } from '../../support/clients/model-script.js';
import {
  createUserMachine,
  readCosts,
  type UserMachine,
  untilRequests,
  useClient,
} from '../../support/clients/real-client.js';
import { startScriptedModel } from '../../support/clients/scripted-model.js';
import { INVENTED, sumSteps, tokensOf } from '../../support/clients/usage-sums.js';
import { runCommand } from '../../support/processes/processes.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const TIMEOUT_MS = 15 * 60_000;
/** Decimal places of a dollar to which two accounts agree. */
const PLACES = 9;

const call = (tool: string, input: Record<string, unknown> = {}) => ({ name: `mcp__popstash__${tool}`, input });
const delegate = (prompt: string) => ({
  name: 'Agent',
  input: { description: 'help', prompt, subagent_type: 'general-purpose', run_in_background: false },
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
  { tools: [delegate('HELPER look around')], usage: { input: 12, output: 62, cacheRead: 2_400 } },
  { tools: [call('report_cost', INVENTED)], usage: { input: 13, output: 63, cacheWrite1h: 5_000 } },
  { tools: [call('end_task', { summary: 'built', ...INVENTED })], usage: { input: 14, output: 64 } },
  { text: 'Done.', usage: { input: 15, output: 65 } },
];
const further: ModelStep = { text: 'Went on.', usage: { input: 16, output: 66, cacheRead: 7_000 } };
const forked: ModelStep = { text: 'Went another way.', usage: { input: 17, output: 67 } };
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

interface Prepared {
  machine: UserMachine;
  run(prompt: string, ...more: string[]): Promise<ClaudeResult>;
}

/** A user's machine with Claude Code and PopStash. @param variables of both */
async function prepare(
  skip: (note: string) => never,
  init: readonly string[] = [],
  variables: Record<string, string> = {},
): Promise<Prepared> {
  const command = await useClient(skip, CLAUDE_CODE);
  const machine = createUserMachine();
  const { project: cwd, home } = machine;
  const env = { ...machine.env, ...variables };
  mkdirSync(join(home, '.claude'));
  await runCommand(['init', '--client', 'claude', '--yes', ...init], { env, cwd });
  const model = await startScriptedModel({ steps: [...work, further, forked], by: { HELPER: helper, OTHER: other } });
  return {
    machine: { ...machine, env },
    async run(prompt, ...more) {
      const result = await runClaude({ command, prompt, cwd, home, modelUrl: model.url, env, more });
      expect(result.is_error, result.result).toBe(false);
      return result;
    },
  };
}

describe('Claude Code', () => {
  test(
    'sub-agents, both kinds of cache writes, a resumed session beside another window, a fork, invented tokens',
    async ({ skip }) => {
      const { machine, run } = await prepare(skip);
      const first = await run('Please work.');
      const [resumed, second] = await Promise.all([
        run('Go on.', '--resume', first.session_id),
        run('OTHER work, please.'),
      ]);
      expect(resumed.session_id).toBe(first.session_id);
      const copy = await run('Go another way.', '--resume', first.session_id, '--fork-session');

      const steps = [...work, further, ...helper, ...other, forked];
      const requests = steps.length;
      const bySession = await untilRequests(machine, requests, '--by', 'session');
      const costOf = ({ session_id }: ClaudeResult) =>
        Number(bySession.rows.find(({ key }) => key === session_id)?.cost_usd);
      // A session that is resumed, or copied, goes on with the account that it had.
      expect(costOf(resumed)).toBeCloseTo(resumed.total_cost_usd, PLACES);
      expect(costOf(second)).toBeCloseTo(second.total_cost_usd, PLACES);
      expect(costOf(copy)).toBeCloseTo(copy.total_cost_usd - resumed.total_cost_usd, PLACES);
      expect(bySession.total.grades).toEqual({ transcript: { requests, cost_usd: bySession.total.cost_usd } });
      expect(bySession.coverage).toEqual({ sessions: 3, with_evidence: 3, reported_only: 0, missing: 0 });

      const byModel = await untilRequests(machine, requests, '--by', 'model');
      expect(tokensOf(byModel.total)).toEqual(sumSteps(steps));
      expect(byModel.rows).toHaveLength(1);
      expect(byModel.rows[0]).toMatchObject({ key: 'claude-opus-4-5' });
      // The copy's account holds that of the session it was made from.
      const accounts = [copy, second].map(({ modelUsage }) => modelUsage['claude-opus-4-5']);
      const account = (field: (usage: NonNullable<(typeof accounts)[number]>) => number) =>
        accounts.reduce((sum, usage) => sum + (usage ? field(usage) : Number.NaN), 0);
      const { tokens, cost_usd } = byModel.total;
      expect(tokens).toEqual({
        input: account(({ inputTokens }) => inputTokens),
        output: account(({ outputTokens }) => outputTokens),
        reasoning: 0,
        cache_read: account(({ cacheReadInputTokens }) => cacheReadInputTokens),
        cache_write_5m: account(({ cacheCreationEphemeral5mInputTokens }) => cacheCreationEphemeral5mInputTokens),
        cache_write_1h: account(({ cacheCreationEphemeral1hInputTokens }) => cacheCreationEphemeral1hInputTokens),
      });
      expect(Number(cost_usd)).toBeCloseTo(
        account(({ costUSD }) => costUSD),
        PLACES,
      );

      const byTask = await untilRequests(machine, requests, '--by', 'task');
      const tasks = byTask.rows.filter(({ key }) => key !== null).map(tokensOf);
      expect(tasks).toHaveLength(2);
      expect(tasks).toContainEqual(sumSteps([...work.slice(1, 5), ...helper]));
      expect(tasks).toContainEqual(sumSteps(other.slice(0, 3)));
    },
    TIMEOUT_MS,
  );

  test(
    'its transcript and its own telemetry agree request by request',
    async ({ skip }) => {
      const port = await findFreePort();
      const { machine, run } = await prepare(skip, ['--measure-costs'], { POPSTASH_RECEIVER_PORT: String(port) });
      // Telemetry that is sent while nobody listens is lost; the transcript has those requests.
      await runCommand(['up'], { env: machine.env, cwd: machine.project });
      const result = await run('Please work.');
      const steps = [...work, ...helper];
      const requests = steps.length;
      await waitUntil(async () => {
        const { total } = await readCosts(machine);
        const isWhole = total.requests === requests && total.grades.measured?.requests === requests;
        if (!isWhole) throw new Error(JSON.stringify(total));
        return total;
      }, 'the telemetry of every request');
      // The transcript is read a little later: it tells which calls, and so which task, a request belongs to.
      await waitUntil(async () => {
        const { stdout } = await runCommand(['costs', 'audit', '--json'], { env: machine.env, cwd: machine.project });
        const { differences, unconfirmed } = JSON.parse(stdout);
        if (differences.length + unconfirmed.length > 0) throw new Error(stdout);
        return true;
      }, 'the transcript of every request');
      const measured = await readCosts(machine, '--by', 'task');
      expect(Number(measured.total.cost_usd)).toBeCloseTo(result.total_cost_usd, PLACES);
      expect(tokensOf(measured.total)).toEqual(sumSteps(steps));
      expect(measured.rows.filter(({ key }) => key !== null).map(tokensOf)).toEqual([
        sumSteps([...work.slice(1, 5), ...helper]),
      ]);
    },
    TIMEOUT_MS,
  );
});
