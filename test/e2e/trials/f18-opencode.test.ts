// F18: opencode itself, driven by a scripted model on loopback. What `popstash costs` says equals the client's own account of
// the cost, without a scan, without the agent's word, and without any id from the client.
import { expect, test } from 'vitest';
import type { ModelStep } from '../../support/clients/model-script.js';
import {
  configureOpencode,
  exportSession,
  NODE_WITH_SQLITE,
  OPENCODE,
  runOpencode,
} from '../../support/clients/opencode.js';
import { createUserMachine, untilRequests, useClient } from '../../support/clients/real-client.js';
import { startScriptedModel } from '../../support/clients/scripted-model.js';
import { INVENTED, sumSteps, tokensOf } from '../../support/clients/usage-sums.js';

const TIMEOUT_MS = 15 * 60_000;
/** Decimal places of a dollar to which two accounts agree. */
const PLACES = 9;

const call = (tool: string, input: Record<string, unknown>) => ({ name: `popstash_${tool}`, input });

const work: readonly ModelStep[] = [
  {
    text: 'A look.',
    tools: [{ name: 'bash', input: { command: 'ls', description: 'list' } }],
    usage: { input: 1_000, output: 50, cacheWrite5m: 2_000 },
  },
  { tools: [call('start_task', { task: 'Build it' })], usage: { input: 1_100, output: 61, cacheRead: 1_000 } },
  {
    tools: [{ name: 'task', input: { description: 'help', prompt: 'HELPER look', subagent_type: 'general' } }],
    usage: { input: 12, output: 62, cacheRead: 2_400 },
  },
  { tools: [call('report_cost', INVENTED)], usage: { input: 1_300, output: 63 } },
  { tools: [call('end_task', { summary: 'built', ...INVENTED })], usage: { input: 1_400, output: 64 } },
  { text: 'Done.', usage: { input: 1_500, output: 65 } },
];
const further: ModelStep = { text: 'Went on.', usage: { input: 1_600, output: 66 } };
const helper: readonly ModelStep[] = [
  { tools: [{ name: 'bash', input: { command: 'ls', description: 'list' } }], usage: { input: 777, output: 7 } },
  { text: 'Found it.', usage: { input: 888, output: 8 } },
];
const other: readonly ModelStep[] = [
  { tools: [call('start_task', { task: 'Other work' })], usage: { input: 21, output: 71 } },
  { tools: [call('insight', { content: 'Windows do not mix.' })], usage: { input: 22, output: 72 } },
  { tools: [call('end_task', { summary: 'other' })], usage: { input: 23, output: 73 } },
  { text: 'Done too.', usage: { input: 24, output: 74 } },
];

test(
  'opencode: a sub-agent, two windows, a session that goes on, invented tokens',
  async ({ skip }) => {
    const command = await useClient(skip, OPENCODE);
    const node = await useClient(skip, NODE_WITH_SQLITE);
    const machine = createUserMachine();
    const model = await startScriptedModel({ steps: [...work, further], by: { HELPER: helper, OTHER: other } });
    await configureOpencode(command, machine, model.url, node);
    const [first, second] = await Promise.all([
      runOpencode(command, machine, 'Please work.'),
      runOpencode(command, machine, 'OTHER work, please.'),
    ]);
    expect(await runOpencode(command, machine, '--session', first, 'Go on.')).toBe(first);

    const steps = [...work, ...helper, ...other, further];
    const bySession = await untilRequests(machine, steps.length, '--by', 'session');
    expect(tokensOf(bySession.total)).toEqual(sumSteps(steps));
    const costOf = (id: string) => Number(bySession.rows.find(({ key }) => key === id)?.cost_usd);
    const account = await exportSession(command, machine, first);
    const children = await Promise.all(account.children.map((id) => exportSession(command, machine, id)));
    expect(children).toHaveLength(1);
    const whole = [account, ...children].reduce((sum, { cost }) => sum + cost, 0);
    expect(costOf(first)).toBeCloseTo(whole, PLACES);
    expect(costOf(second)).toBeCloseTo((await exportSession(command, machine, second)).cost, PLACES);

    const byTask = await untilRequests(machine, steps.length, '--by', 'task');
    const tasks = byTask.rows.filter(({ key }) => key !== null).map(tokensOf);
    expect(tasks).toHaveLength(2);
    expect(tasks).toContainEqual(sumSteps([...work.slice(1, 5), ...helper]));
    expect(tasks).toContainEqual(sumSteps(other.slice(0, 3)));
  },
  TIMEOUT_MS,
);
