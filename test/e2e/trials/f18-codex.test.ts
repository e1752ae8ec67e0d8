// F18: Codex itself, driven by a scripted model on loopback. What `popstash costs` says equals the client's own account of its
// tokens, without a scan and without the agent's word.
import { expect, test } from 'vitest';
import { CODEX, configureCodex, runCodex } from '../../support/clients/codex.js';
import type { ModelStep } from '../../support/clients/model-script.js';
import { createUserMachine, untilRequests, useClient } from '../../support/clients/real-client.js';
import { startScriptedModel } from '../../support/clients/scripted-model.js';
import { INVENTED, sumSteps, tokensOf } from '../../support/clients/usage-sums.js';

const call = (tool: string, input: Record<string, unknown>) => ({ namespace: 'mcp__popstash', name: tool, input });

const steps: readonly ModelStep[] = [
  {
    text: 'A look.',
    tools: [{ name: 'exec_command', input: { cmd: 'ls' } }],
    usage: { input: 800, output: 50, cacheRead: 200 },
  },
  {
    tools: [call('start_task', { task: 'Build it' })],
    usage: { input: 101, output: 61, cacheRead: 1_000, reasoning: 30 },
  },
  { tools: [call('report_cost', INVENTED)], usage: { input: 300, output: 63, cacheRead: 1_000 } },
  { tools: [call('end_task', { summary: 'built', ...INVENTED })], usage: { input: 1_400, output: 64 } },
  { text: 'Done.', usage: { input: 1_500, output: 65 } },
  { text: 'Went on.', usage: { input: 1_600, output: 66, reasoning: 6 } },
];

test('Codex: a resumed thread, reasoning, cached input, invented tokens', async ({ skip }) => {
  const command = await useClient(skip, CODEX);
  const machine = createUserMachine();
  const model = await startScriptedModel({ steps });
  configureCodex(machine, model.url);
  const first = await runCodex(command, machine, 'Please work.');
  const { thread, usage } = await runCodex(command, machine, 'Go on.', { resume: first.thread });
  expect(thread).toBe(first.thread);

  const bySession = await untilRequests(machine, steps.length, '--by', 'session');
  expect(bySession.rows.map(({ key }) => key)).toEqual([thread]);
  const known = tokensOf(bySession.total);
  expect(known).toEqual(sumSteps(steps));
  expect(usage).toMatchObject({
    input_tokens: known.input + known.cacheRead,
    cached_input_tokens: known.cacheRead,
    output_tokens: known.output,
    reasoning_output_tokens: known.reasoning,
  });
  // Nobody knows the prices of a provider of the user's own.
  expect(bySession.total).toMatchObject({ cost_usd: null, unpriced: steps.length });

  const byTask = await untilRequests(machine, steps.length, '--by', 'task');
  expect(byTask.rows.filter(({ key }) => key !== null).map(tokensOf)).toEqual([sumSteps(steps.slice(1, 4))]);
});
