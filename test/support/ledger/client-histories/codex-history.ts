import { join } from 'node:path';
import type { TokenCounts } from '../../../../src/accountability/usage.js';
import { appendRow, type FileChange, type History, type Strand } from './history.js';
import type { Random } from './random.js';
import { trueCost } from './true-prices.js';

const MODELS = ['gpt-5.2-codex', 'gpt-5.4', 'gpt-unheard-of'];

interface Totals {
  input: number;
  cached: number;
  output: number;
  reasoning: number;
}

interface Thread {
  path: string;
  id: string;
  /** The session that its requests belong to: a sub-agent's parent. */
  sessionId: string;
  agentId: string | null;
  /** Newer versions tell each response; older ones only the running total. */
  isNew: boolean;
  total: Totals;
  rows: object[];
  clock: number;
  ordinal: number;
}

/** Histories of Codex: repeated totals, forks and sub-agents that copy their parent, threads that are archived. */
export function createCodexHistory(random: Random, home: string): History {
  const root = join(home, 'codex-home');
  const history: History = { strands: [], truth: [], variables: { CODEX_HOME: root }, badRows: 0 };
  for (let count = random.int(1, 2); count > 0; count -= 1) {
    const clock = Date.UTC(2026, 4, random.int(1, 28), 23, random.int(0, 59));
    const parent = newThread(random, root, { isNew: random.chance(0.5), clock });
    const strand: Strand = [...startThread(parent, {}), ...writeTurns(random, parent, history, random.int(1, 5))];
    history.strands.push(strand);
    if (random.chance(0.6)) strand.push(...writeChild(random, parent, history, root));
    if (random.chance(0.4)) strand.push(...archive(parent, root));
  }
  return history;
}

function newThread(random: Random, root: string, { isNew, clock }: { isNew: boolean; clock: number }): Thread {
  const id = random.uuid();
  const path = join(root, 'sessions', '2026', '05', '01', `rollout-2026-05-01T00-00-00-${id}.jsonl`);
  const total = { input: 0, cached: 0, output: 0, reasoning: 0 };
  return { path, id, sessionId: id, agentId: null, isNew, total, rows: [], clock, ordinal: 0 };
}

function push(thread: Thread, type: string, payload: object, tearAt: number | null = null): FileChange[] {
  const row = {
    timestamp: new Date(thread.clock).toISOString(),
    ...(thread.isNew ? { ordinal: thread.ordinal } : {}),
    type,
    payload,
  };
  thread.ordinal += 1;
  thread.rows.push(row);
  return appendRow(thread.path, row, tearAt);
}

function startThread(thread: Thread, more: object): FileChange[] {
  const meta = {
    id: thread.id,
    cwd: '/repo',
    cli_version: '0.171.0',
    model_provider: 'openai',
    git: { branch: 'main' },
    ...more,
  };
  return push(thread, 'session_meta', meta);
}

function writeTurns(random: Random, thread: Thread, history: History, turns: number): FileChange[] {
  const changes: FileChange[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const model = random.pick(MODELS);
    thread.clock += random.int(2000, 60_000);
    changes.push(...push(thread, 'turn_context', { model, cwd: '/repo' }));
    for (let count = random.int(1, 3); count > 0; count -= 1) {
      thread.clock += random.int(2000, 60_000);
      changes.push(...writeResponse(random, thread, history, model));
    }
  }
  return changes;
}

function writeResponse(random: Random, thread: Thread, history: History, model: string): FileChange[] {
  const cached = random.int(0, 50_000);
  const fresh = random.chance(0.2) ? 271_999 - cached + random.int(0, 1) : random.int(1, 9000);
  const output = random.int(5, 2000);
  const used = { input: cached + fresh, cached, output, reasoning: random.int(0, 5) };
  const total = thread.total;
  thread.total = {
    input: total.input + used.input,
    cached: total.cached + cached,
    output: total.output + output,
    reasoning: total.reasoning + used.reasoning,
  };
  const call = { type: 'function_call', call_id: `call_${random.hex(8)}`, name: 'shell', arguments: '{"id":null}' };
  const changes = push(thread, 'response_item', call);
  const at = new Date(thread.clock).toISOString();
  if (thread.isNew) {
    const record = {
      thread_id: thread.id,
      response_id: `resp_${random.hex(12)}`,
      usage: write(used),
      thread_token_usage: write(thread.total),
    };
    changes.push(...push(thread, 'token_usage_record', record, random.chance(0.2) ? random.int(0, 9999) : null));
  }
  // Told again and again, with what else the client learns.
  for (let count = random.int(1, 3); count > 0; count -= 1) {
    const info = { total_token_usage: write(thread.total), last_token_usage: write(used) };
    changes.push(...push(thread, 'event_msg', { type: 'token_count', info, rate_limits: { used: count } }));
  }
  if (random.chance(0.2))
    changes.push(...push(thread, 'event_msg', { type: 'token_count', info: null, rate_limits: {} }));
  const tokens: TokenCounts = {
    input: fresh,
    output,
    reasoning: used.reasoning,
    cacheRead: cached,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
  };
  const { sessionId, agentId } = thread;
  const cost = trueCost(model, [tokens]);
  history.truth.push({
    client: 'codex',
    sessionId,
    agentId,
    model,
    at,
    tokens,
    webSearches: 0,
    grade: 'transcript',
    cost,
  });
  return changes;
}

function write({ input, cached, output, reasoning }: Totals): object {
  return {
    input_tokens: input,
    cached_input_tokens: cached,
    output_tokens: output,
    reasoning_output_tokens: reasoning,
    total_tokens: input + output,
  };
}

/** A fork or a spawned agent. Old ones, and new agents, begin with a copy of the parent's rows, written at once. */
function writeChild(random: Random, parent: Thread, history: History, root: string): FileChange[] {
  const isAgent = random.chance(0.5);
  const clock = parent.clock + random.int(1000, 100_000);
  const child = newThread(random, root, { isNew: parent.isNew, clock });
  if (isAgent) {
    child.sessionId = parent.id;
    child.agentId = child.id;
  }
  const source = isAgent
    ? { source: { subagent: { thread_spawn: { parent_thread_id: parent.id, depth: 1 } } } }
    : { source: 'exec' };
  const isCopied = isAgent || !child.isNew;
  const base = { forked_from_id: parent.id, session_id: isAgent ? parent.id : child.id, ...source };
  const end = parent.rows.length + 1;
  const more = isCopied
    ? { ...base, ...(child.isNew ? { subagent_history_start_ordinal: end } : {}) }
    : { ...base, history_base: { thread_id: parent.id, end_ordinal_exclusive: parent.rows.length } };
  const changes = startThread(child, more);
  if (isCopied) {
    for (const row of parent.rows as { type: string; payload: object }[]) {
      child.clock += random.int(0, 3);
      changes.push(...push(child, row.type, row.payload));
    }
  }
  // A fork's running total goes on from its parent's; a new agent's begins at nothing.
  if (!isAgent || !child.isNew) child.total = { ...parent.total };
  return [...changes, ...writeTurns(random, child, history, random.int(1, 3))];
}

function archive(thread: Thread, root: string): FileChange[] {
  const to = join(root, 'archived_sessions', `rollout-2026-05-01T00-00-00-${thread.id}.jsonl`);
  return [{ kind: 'rename', path: thread.path, to }];
}
