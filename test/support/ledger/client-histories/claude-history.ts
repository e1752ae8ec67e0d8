import { join } from 'node:path';
import { NO_TOKENS, type TokenCounts } from '../../../../src/accountability/usage.js';
import { appendRow, type FileChange, type History, type Strand } from './history.js';
import type { Random } from './random.js';
import { trueCost } from './true-prices.js';

const MODELS = [
  'claude-opus-4-5-20251101',
  'claude-opus-4-7',
  'claude-opus-4-8',
  'claude-haiku-4-5-20251001',
  'claude-sonnet-4-5-20250929',
  'claude-future-9',
];

interface Session {
  path: string;
  sessionId: string;
  agentId: string | null;
  /** Rows of answers so far: what a copy repeats. */
  rows: object[];
  clock: number;
}

/** Histories of Claude Code: every fault that its users' trackers got wrong, with the truth beside it. */
export function createClaudeHistory(random: Random, home: string): History {
  const second = join(home, 'work-config');
  const history: History = { strands: [], truth: [], variables: { CLAUDE_CONFIG_DIR: second }, badRows: 0 };
  for (let count = random.int(1, 3); count > 0; count -= 1) {
    const root = join(random.chance(0.3) ? second : join(home, '.claude'), 'projects', `-repo-${random.hex(2)}`);
    const sessionId = random.uuid();
    const session: Session = {
      path: join(root, `${sessionId}.jsonl`),
      sessionId,
      agentId: null,
      rows: [],
      clock: startOf(random),
    };
    const strand: Strand = writeRequests(random, session, history, random.int(1, 6));
    history.strands.push(strand);
    if (random.chance(0.5)) strand.push(...writeSubagent(random, session, history, root));
    if (random.chance(0.5)) strand.push(...writeCopy(random, session, history, root));
    if (random.chance(0.2)) strand.push({ kind: 'delete', path: session.path });
  }
  return history;
}

/** Near midnight, so that days differ by time zone; always before the prices of this test change. */
function startOf(random: Random): number {
  return Date.UTC(2026, 5, random.int(1, 28), 23, random.int(0, 59), random.int(0, 59));
}

function writeRequests(random: Random, session: Session, history: History, count: number): FileChange[] {
  const changes: FileChange[] = [];
  for (let index = 0; index < count; index += 1) {
    const isLast = index === count - 1;
    changes.push(
      ...writeNoise(random, session, history),
      ...writeRequest(random, session, history, isLast && random.chance(0.2)),
    );
  }
  return changes;
}

/** One request: rows for the blocks of its answer, the earlier ones often with the counts of its beginning only. */
function writeRequest(random: Random, session: Session, history: History, isCutOff: boolean): FileChange[] {
  const model = random.pick(MODELS);
  const { tokens, iterations } = createTokens(random, model);
  const isFast = /opus-4-[78]/.test(model) && random.chance(0.3);
  const isUs = /opus-4-[78]/.test(model) && random.chance(0.3);
  const webSearches = model !== 'claude-future-9' && random.chance(0.1) ? random.int(1, 20) : 0;
  const messageId = `msg_${random.hex(20)}`;
  const requestId = random.chance(0.15) ? undefined : `req_${random.hex(20)}`;
  session.clock += random.int(1, 90_000);
  const at = new Date(session.clock).toISOString();
  const beginning = { ...tokens, output: Math.min(tokens.output, random.int(1, 8)), reasoning: 0 };
  const blocks = random.int(1, 3);
  const changes: FileChange[] = [];
  for (let block = 0; block < blocks; block += 1) {
    const isEnd = block === blocks - 1 && !isCutOff;
    // Newer versions write the whole count into each row, older ones what the stream said at its start.
    const isWhole = isEnd || (!isCutOff && random.chance(0.4));
    const row = {
      type: 'assistant',
      isSidechain: session.agentId !== null,
      ...(session.agentId === null ? {} : { agentId: session.agentId }),
      sessionId: session.sessionId,
      ...(requestId === undefined || (!isEnd && random.chance(0.1)) ? {} : { requestId }),
      timestamp: new Date(session.clock + block).toISOString(),
      version: '2.1.300',
      cwd: '/repo',
      gitBranch: 'main',
      message: {
        id: messageId,
        role: 'assistant',
        model,
        content: [{ type: 'tool_use', id: `toolu_${random.hex(8)}`, name: 'Bash', input: { id: null, usage: null } }],
        stop_reason: isWhole ? 'tool_use' : null,
        usage: {
          ...writeUsage(random, isWhole ? tokens : beginning),
          server_tool_use: { web_search_requests: webSearches },
          service_tier: 'standard',
          speed: isFast ? 'fast' : 'standard',
          inference_geo: isUs ? 'us' : random.pick(['', 'global', 'not_available']),
          iterations: isWhole ? iterations.map((one) => ({ type: 'message', ...writeUsage(random, one) })) : [],
        },
      },
      uuid: random.uuid(),
    };
    session.rows.push(row);
    changes.push(...appendRow(session.path, row, random.chance(0.2) ? random.int(0, 100_000) : null));
  }
  const seen = isCutOff ? beginning : tokens;
  const prompts = !isCutOff && iterations.length > 1 ? iterations : [seen];
  const { sessionId, agentId } = session;
  const cost = trueCost(model, prompts, { searches: webSearches, isFast, isUs });
  const grade = isCutOff ? 'partial' : 'transcript';
  history.truth.push({ client: 'claude', sessionId, agentId, model, at, tokens: seen, webSearches, grade, cost });
  return changes;
}

function createTokens(random: Random, model: string): { tokens: TokenCounts; iterations: TokenCounts[] } {
  const one = (): TokenCounts => ({
    input: random.int(0, 4000),
    output: random.int(10, 3000),
    reasoning: random.int(0, 9),
    cacheRead: random.chance(0.7) ? random.int(0, 120_000) : 0,
    cacheWrite5m: random.chance(0.5) ? random.int(0, 30_000) : 0,
    cacheWrite1h: random.chance(0.5) ? random.int(0, 30_000) : 0,
  });
  const tokens = one();
  if (model.startsWith('claude-sonnet') && random.chance(0.5)) {
    // Just at the threshold, or one above; or several prompts of which none exceeds it.
    const rest = 200_000 - tokens.input - tokens.cacheWrite5m - tokens.cacheWrite1h;
    tokens.cacheRead = rest + random.int(0, 1);
    if (random.chance(0.4)) {
      const parts = [tokens, one()];
      return { tokens: parts.reduce(addTokens, NO_TOKENS), iterations: parts };
    }
  }
  return { tokens, iterations: random.chance(0.3) ? [tokens] : [] };
}

function addTokens(a: TokenCounts, b: TokenCounts): TokenCounts {
  const keys = Object.keys(NO_TOKENS) as (keyof TokenCounts)[];
  return Object.fromEntries(keys.map((key) => [key, a[key] + b[key]])) as unknown as TokenCounts;
}

function writeUsage(random: Random, tokens: TokenCounts): object {
  const { cacheWrite5m, cacheWrite1h } = tokens;
  // Old versions give only the total when all of it lives for five minutes.
  const hasSplit = cacheWrite1h > 0 || random.chance(0.7);
  return {
    input_tokens: tokens.input,
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_read_input_tokens: tokens.cacheRead,
    output_tokens: tokens.output,
    output_tokens_details: { thinking_tokens: tokens.reasoning },
    ...(hasSplit
      ? { cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m, ephemeral_1h_input_tokens: cacheWrite1h } }
      : {}),
  };
}

/** Rows that mention usage and are no request, and rows that are damaged. */
function writeNoise(random: Random, session: Session, history: History): FileChange[] {
  const { path, sessionId } = session;
  const usage = { input_tokens: 9_999_999, output_tokens: 9_999_999 };
  const rows: object[] = [
    {
      type: 'user',
      sessionId,
      toolUseResult: { totalTokens: 12_345_678, usage },
      message: { role: 'user', content: 'x' },
    },
    {
      type: 'progress',
      sessionId,
      data: { message: { type: 'assistant', message: { id: 'msg_other', model: 'claude-opus-4-7', usage } } },
    },
    {
      type: 'assistant',
      sessionId,
      timestamp: '2026-06-01T00:00:00Z',
      message: { id: 'x', model: '<synthetic>', usage: { input_tokens: 0 } },
    },
    {
      type: 'user',
      sessionId,
      message: { role: 'user', content: '{"type":"assistant","message":{"usage":{"input_tokens":1}}}' },
    },
  ];
  const changes = random.chance(0.4) ? appendRow(path, random.pick(rows)) : [];
  if (random.chance(0.05)) {
    history.badRows += 1;
    changes.push({
      kind: 'append',
      path,
      text: '{"type":"assistant","message":{"usage":{"input_tokens":-1}},"timestamp":"soon"}\n',
    });
  }
  return changes;
}

/** A sub-agent's file, which may begin with its parent's rows, sent again as another request. */
function writeSubagent(random: Random, parent: Session, history: History, root: string): FileChange[] {
  const agentId = random.hex(16);
  const path = join(root, parent.sessionId, 'subagents', `agent-${agentId}.jsonl`);
  const replayed = random.chance(0.5) ? parent.rows : [];
  const changes = replayed.flatMap((row) =>
    appendRow(path, { ...row, isSidechain: true, agentId, requestId: `req_${random.hex(20)}`, uuid: random.uuid() }),
  );
  const own: Session = { path, sessionId: parent.sessionId, agentId, rows: [], clock: parent.clock };
  return [...changes, ...writeRequests(random, own, history, random.int(1, 4))];
}

/** A later session that begins with a copy of this one's rows under its own id, and goes on. */
function writeCopy(random: Random, first: Session, history: History, root: string): FileChange[] {
  const sessionId = random.uuid();
  const path = join(root, `${sessionId}.jsonl`);
  const copies = first.rows.map((row) => ({ ...row, sessionId }));
  const own: Session = { path, sessionId, agentId: null, rows: [], clock: first.clock };
  return [...copies.flatMap((row) => appendRow(path, row)), ...writeRequests(random, own, history, random.int(0, 3))];
}
