import { join } from 'node:path';
import type { TokenCounts } from '../../../../src/accountability/usage.js';
import type { FileChange, History } from './history.js';
import type { Random } from './random.js';
import { trueCost } from './true-prices.js';

const MODEL = 'claude-opus-4-5-20251101';

/** Histories of Cline: documents that grow, requests that are deleted when the user goes back, sub-agents of the command line. */
export function createClineHistory(random: Random, home: string): History {
  const history: History = { strands: [], truth: [], variables: {}, badRows: 0 };
  history.strands.push(writeTask(random, history, home), writeSession(random, history, home));
  return history;
}

function createTokens(random: Random): TokenCounts {
  return {
    input: random.int(1, 5000),
    output: random.int(1, 2000),
    reasoning: 0,
    cacheRead: random.int(0, 20_000),
    cacheWrite5m: random.int(0, 5000),
    cacheWrite1h: 0,
  };
}

function writeTask(random: Random, history: History, home: string): FileChange[] {
  const task = String(Date.UTC(2026, 4, 1) + random.int(0, 1_000_000));
  const path = join(
    home,
    '.config',
    'Code',
    'User',
    'globalStorage',
    'saoudrizwan.claude-dev',
    'tasks',
    task,
    'ui_messages.json',
  );
  const changes: FileChange[] = [];
  let messages: { ts: number; [key: string]: unknown }[] = [];
  const replace = () => changes.push({ kind: 'replace', path, text: JSON.stringify(messages) });
  let ts = Number(task);
  for (let count = random.int(1, 7); count > 0; count -= 1) {
    ts += random.int(1000, 90_000);
    const tokens = createTokens(random);
    const said = { ts, type: 'say', say: 'api_req_started', modelInfo: { providerId: 'anthropic', modelId: MODEL } };
    messages = [...messages, { ...said, text: JSON.stringify({ request: 'words' }) }];
    if (random.chance(0.5)) replace();
    const cost = trueCost(MODEL, [tokens]) as bigint;
    const figures = {
      tokensIn: tokens.input,
      tokensOut: tokens.output,
      cacheWrites: tokens.cacheWrite5m,
      cacheReads: tokens.cacheRead,
      cost: Number(cost) / 1e12,
    };
    messages = [...messages.slice(0, -1), { ...said, text: JSON.stringify({ request: 'words', ...figures }) }];
    replace();
    history.truth.push({
      client: 'cline',
      sessionId: task,
      agentId: null,
      model: MODEL,
      at: new Date(ts).toISOString(),
      tokens,
      webSearches: 0,
      grade: 'transcript',
      cost,
    });
    if (random.chance(0.2)) {
      // What is deleted was read before, in these histories: a sum alone does not tell its models.
      changes.push({ kind: 'delete', path });
      ts += 1000;
      const keep = random.int(0, messages.length - 1);
      const gone = messages.slice(keep).map(({ text }) => JSON.parse(String(text)) as typeof figures);
      const sum = (key: keyof typeof figures) => gone.reduce((total, one) => total + one[key], 0);
      const text = JSON.stringify({
        tokensIn: sum('tokensIn'),
        tokensOut: sum('tokensOut'),
        cacheWrites: sum('cacheWrites'),
        cacheReads: sum('cacheReads'),
        cost: sum('cost'),
      });
      messages = [...messages.slice(0, keep), { ts, type: 'say', say: 'deleted_api_reqs', text }];
      replace();
    }
  }
  return changes;
}

function writeSession(random: Random, history: History, home: string): FileChange[] {
  const sessionId = `${Date.UTC(2026, 4, 1)}_${random.hex(5)}`;
  const folder = join(home, '.cline', 'data', 'sessions', sessionId);
  const agents = random.chance(0.4) ? ['lead', `agent-${random.hex(4)}`] : ['lead'];
  return agents.flatMap((agent) => {
    const path = join(folder, `${agent === 'lead' ? sessionId : agent}.messages.json`);
    const messages: object[] = [];
    return Array.from({ length: random.int(1, 5) }, (): FileChange => {
      const tokens = createTokens(random);
      const ts = Date.UTC(2026, 4, random.int(1, 28), 23, random.int(0, 59), random.int(0, 59));
      const cost = trueCost(MODEL, [tokens]) as bigint;
      messages.push({ id: `msg_${random.hex(8)}`, role: 'user', content: [{ type: 'tool_result', id: null }], ts });
      messages.push({
        id: `msg_${random.hex(8)}`,
        role: 'assistant',
        content: [{ type: 'tool_use', id: `toolu_${random.hex(6)}`, input: { id: null } }],
        ts,
        modelInfo: { id: MODEL, provider: 'anthropic' },
        metrics: {
          inputTokens: tokens.input + tokens.cacheRead + tokens.cacheWrite5m,
          outputTokens: tokens.output,
          cacheReadTokens: tokens.cacheRead,
          cacheWriteTokens: tokens.cacheWrite5m,
          cost: Number(cost) / 1e12,
        },
      });
      history.truth.push({
        client: 'cline',
        sessionId,
        agentId: agent === 'lead' ? null : agent,
        model: MODEL,
        at: new Date(ts).toISOString(),
        tokens,
        webSearches: 0,
        grade: 'transcript',
        cost,
      });
      return {
        kind: 'replace',
        path,
        text: JSON.stringify({ version: 1, agent, messages, system_prompt: 'Working Directory: /repo\n' }),
      };
    });
  });
}
