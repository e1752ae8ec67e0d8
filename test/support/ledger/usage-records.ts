import { NO_TOKENS, type TokenCounts, type UsageRecord } from '../../../src/accountability/usage.js';

export type RecordChange = Omit<Partial<UsageRecord>, 'tokens'> & { tokens?: Partial<TokenCounts> };

/** A finished row of Claude Code's transcript, but for what the test wants otherwise. */
export function usageRecord(change: RecordChange = {}): UsageRecord {
  return {
    client: 'claude',
    sessionId: 'client-session',
    requestId: null,
    messageId: null,
    isSidechain: false,
    agentId: null,
    parentSessionId: null,
    sessionBornAt: '2026-11-20T09:00:00.000Z',
    toolUseIds: [],
    at: '2026-11-20T10:00:00.000Z',
    clientVersion: '2.1.0',
    cwd: '/repo',
    gitBranch: 'main',
    model: 'claude-opus-4-5',
    provider: 'anthropic',
    iterations: null,
    webSearches: 0,
    serviceTier: null,
    speed: null,
    inferenceGeo: null,
    clientCost: null,
    witness: 'transcript',
    grade: 'transcript',
    isFinished: true,
    revision: 0,
    isCacheSplitKnown: true,
    ...change,
    tokens: { ...NO_TOKENS, ...change.tokens },
  };
}

const MODELS = ['claude-opus-4-5', 'claude-sonnet-4-5', 'gpt-5', 'nobody-knows-1', null];

/**
 * Rows about a number of requests, in the order of the requests: streamed and partial rows, repeats, replays of sidechains
 * under other ids, resumed copies, and the client's telemetry beside the transcript.
 * @param random gives numbers from 0 to 1
 */
export function usageRows(random: () => number, requests: number, prefix = ''): UsageRecord[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const count = (most: number) => Math.floor(random() * most);
  const chance = (share: number) => random() < share;
  const rows: UsageRecord[] = [];
  const start = Date.parse('2026-10-30T00:00:00.000Z');
  for (let n = 0; n < requests; n += 1) {
    const id = `${prefix}${n}`;
    const session = count(6);
    const isOfSubagent = chance(0.2);
    const tokens = {
      input: count(2_000),
      output: 10 + count(3_000),
      cacheRead: count(90_000),
      cacheWrite5m: count(5_000),
      cacheWrite1h: chance(0.3) ? count(9_000) : 0,
    };
    const row = usageRecord({
      client: pick(['claude', 'claude', 'codex'] as const),
      sessionId: `${prefix}session-${session}`,
      sessionBornAt: new Date(start + session * 1_000).toISOString(),
      requestId: chance(0.9) ? `req_${id}` : null,
      messageId: chance(0.9) ? `msg_${id}` : null,
      isSidechain: isOfSubagent,
      agentId: isOfSubagent ? pick(['sub-1', 'sub-2']) : null,
      at: new Date(start + count(6 * 86_400_000)).toISOString(),
      cwd: pick(['/repo', '/other', null]),
      model: pick(MODELS),
      webSearches: chance(0.1) ? count(4) : 0,
      toolUseIds: chance(0.6) ? [`call_${id}_a`, `call_${id}_b`] : [],
      tokens,
    });
    if (chance(0.9)) rows.push(row);
    if (chance(0.5))
      rows.push({ ...row, grade: 'partial', isFinished: false, tokens: { ...row.tokens, output: count(10) } });
    if (chance(0.2)) rows.push({ ...row });
    if (chance(0.2) && row.messageId !== null)
      rows.push({ ...row, requestId: `req_replay_${id}`, isSidechain: true, agentId: 'side' });
    if (chance(0.2))
      rows.push({ ...row, sessionId: `${prefix}resumed-${session}`, sessionBornAt: '2026-11-20T00:00:00.000Z' });
    if (chance(0.3) && row.requestId !== null) {
      const { cacheWrite5m, cacheWrite1h } = row.tokens;
      rows.push({
        ...row,
        messageId: null,
        witness: 'telemetry',
        grade: 'measured',
        cwd: null,
        toolUseIds: [],
        isCacheSplitKnown: false,
        clientCost: '0.0125',
        tokens: { ...row.tokens, cacheWrite5m: cacheWrite5m + cacheWrite1h, cacheWrite1h: 0 },
      });
    }
  }
  return rows;
}

/** Another order of the same list. */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const copy = [...list];
  for (let index = copy.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [copy[index], copy[other]] = [copy[other] as T, copy[index] as T];
  }
  return copy;
}

/** The list in parts of random length. */
export function inBatches<T>(list: readonly T[], random: () => number, most: number): T[][] {
  const batches: T[][] = [];
  for (let at = 0; at < list.length; ) {
    const size = 1 + Math.floor(random() * most);
    batches.push(list.slice(at, at + size));
    at += size;
  }
  return batches;
}
