import { join } from 'node:path';
import { appendRow, type FileChange, type History, type Strand } from './history.js';
import type { Random } from './random.js';
import { trueCost } from './true-prices.js';

const MODELS = ['gemini-2.5-pro', 'gemini-never-seen'];

/** Histories of Gemini CLI: messages written again, tokens that come late, sub-agents, a document that became lines. */
export function createGeminiHistory(random: Random, home: string): History {
  const history: History = { strands: [], truth: [], variables: {}, badRows: 0 };
  const chats = join(home, '.gemini', 'tmp', `repo-${random.hex(2)}`, 'chats');
  for (let count = random.int(1, 2); count > 0; count -= 1) {
    const sessionId = random.uuid();
    const path = join(chats, `session-2026-05-01T00-00-${sessionId.slice(0, 8)}.jsonl`);
    const strand: Strand = [];
    history.strands.push(strand);
    const messages = Array.from({ length: random.int(1, 5) }, () =>
      createMessage(random, history, { sessionId, agentId: null }),
    );
    const metadata = { sessionId, projectHash: random.hex(8), startTime: '2026-05-01T00:00:00.000Z', kind: 'main' };
    if (random.chance(0.4)) {
      // Before `.jsonl`: one document, rewritten; later copied line by line.
      strand.push({
        kind: 'replace',
        path: path.slice(0, -1),
        text: JSON.stringify({ ...metadata, messages: messages.slice(0, 1) }),
      });
      strand.push({ kind: 'replace', path: path.slice(0, -1), text: JSON.stringify({ ...metadata, messages }) });
    }
    strand.push(...appendRow(path, metadata), ...messages.flatMap((message) => writeMessage(random, path, message)));
    if (random.chance(0.4)) strand.push(...appendRow(path, { $set: { messages } }));
    if (random.chance(0.4)) strand.push(...writeSubagent(random, history, chats, sessionId));
  }
  return history;
}

function createMessage(
  random: Random,
  history: History,
  { sessionId, agentId }: { sessionId: string; agentId: string | null },
): { id: string; tokens: object } & Record<string, unknown> {
  const model = random.pick(MODELS);
  const at = new Date(Date.UTC(2026, 4, random.int(1, 28), 23, random.int(0, 59), random.int(0, 59))).toISOString();
  const cached = random.int(0, 1) * random.int(0, 9000);
  const fresh = random.chance(0.2) ? 200_000 - cached + random.int(0, 1) : random.int(20, 9000);
  const [output, thoughts, tool] = [random.int(1, 900), random.int(0, 500), random.int(0, 1) * random.int(0, 20)];
  // What is over the threshold by the use of tools is over it.
  const input = fresh - tool;
  const tokens = {
    input: input + cached,
    output,
    cached,
    thoughts,
    tool,
    total: input + cached + output + thoughts + tool,
  };
  const counts = {
    input: fresh,
    output: output + thoughts,
    reasoning: thoughts,
    cacheRead: cached,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
  };
  const cost = trueCost(model, [counts]);
  history.truth.push({
    client: 'gemini',
    sessionId,
    agentId,
    model,
    at,
    tokens: counts,
    webSearches: 0,
    grade: 'transcript',
    cost,
  });
  return { id: random.uuid(), timestamp: at, type: 'gemini', content: 'words', model, tokens };
}

/** A message is written with or without its tokens, then again with its tool calls. */
function writeMessage(random: Random, path: string, message: Record<string, unknown>): FileChange[] {
  const tearAt = random.chance(0.3) ? random.int(0, 9999) : null;
  const early = random.chance(0.5) ? appendRow(path, { ...message, tokens: null }) : [];
  const again = random.chance(0.5)
    ? appendRow(path, { ...message, toolCalls: [{ id: random.hex(6), args: { id: null } }] })
    : [];
  return [
    ...early,
    ...appendRow(path, message, tearAt),
    ...again,
    ...appendRow(path, { $set: { lastUpdated: message.timestamp } }),
  ];
}

function writeSubagent(random: Random, history: History, chats: string, parentId: string): FileChange[] {
  const agentId = random.uuid();
  const path = join(chats, parentId, `${agentId}.jsonl`);
  const messages = Array.from({ length: random.int(1, 3) }, () =>
    createMessage(random, history, { sessionId: parentId, agentId }),
  );
  return [
    ...appendRow(path, { sessionId: agentId, projectHash: 'x', kind: 'subagent' }),
    ...messages.flatMap((message) => writeMessage(random, path, message)),
  ];
}
