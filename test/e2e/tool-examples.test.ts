// Every example of docs/tools.md, executed through a real client: what the page says is what happens. The whole answer to
// the first example of each tool is compared with test/fixtures/answers/; a new tool's is written there at the first run.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adminReply } from '../../src/mcp/admin/admin-protocol.js';
import type { ToolExample } from '../../src/mcp/define-tool.js';
import { tools } from '../../src/mcp/tools/tool-list.js';
import { normaliseAnswer } from '../support/inputs/normalise-answer.js';
import { connectClient, type TestClient } from '../support/processes/client.js';
import { createFolder } from '../support/setup/folders.js';
import { waitUntil } from '../support/setup/wait-until.js';

const ANSWERS = join(import.meta.dirname, '../fixtures/answers');

/** `<insight_id>` becomes that field of the latest answer that has it. */
function fillIn(input: Record<string, unknown>, answers: readonly Record<string, unknown>[]): Record<string, unknown> {
  const entries = Object.entries(input).map(([key, value]) => {
    const field = typeof value === 'string' ? /^<(\w+)>$/.exec(value)?.[1] : undefined;
    if (field === undefined) return [key, value];
    const answer = answers.findLast((candidate) => field in candidate);
    if (!answer) throw new Error(`No call before answered with ${field}.`);
    return [key, answer[field]];
  });
  return Object.fromEntries(entries);
}

/** Until the vectors are there, words alone are evidence. */
async function untilEmbedded(client: TestClient): Promise<void> {
  await waitUntil(async () => {
    const { status } = await client.mcp.request({ method: 'popstash/status' }, adminReply);
    return (status as { pending: number }).pending === 0;
  }, 'the vectors of all memories');
}

async function execute(
  client: TestClient,
  another: () => Promise<TestClient>,
  tool: string,
  example: ToolExample,
): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown>[] = [];
  for (const { tool: earlier, input, byAnother } of example.before ?? []) {
    const caller = byAnother ? await another() : client;
    answers.push(await caller.call(earlier, fillIn(input, answers)));
  }
  if (answers.length > 0) await untilEmbedded(client);
  return client.call(tool, fillIn(example.input, answers));
}

const examples = tools.flatMap((tool) =>
  tool.examples.map((example, index) => [`${tool.name}: ${example.title}`, tool.name, example, index] as const),
);

describe('the examples of docs/tools.md', () => {
  test.each(examples)('%s', async (_, tool, example, index) => {
    // A folder of its own is a project of its own: no example sees what another saved.
    const cwd = createFolder('ps-example-');
    const client = await connectClient({ cwd });
    const another = () => connectClient({ cwd, clientName: 'another' });
    // From here on the client checks every answer against the tool's output schema.
    await client.mcp.listTools();
    const answer = await execute(client, another, tool, example);
    expect(answer).toMatchObject(example.output);
    if (index === 0) await expect(normaliseAnswer(answer)).toMatchFileSnapshot(join(ANSWERS, `${tool}.json`));
    await client.close();
  });
});
