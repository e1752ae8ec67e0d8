import { join } from 'node:path';
import type { TokenCounts } from '../../../../src/accountability/usage.js';
import type { FileChange, History } from './history.js';
import type { Random } from './random.js';
import { trueCost } from './true-prices.js';

const MODELS = ['claude-opus-4-5-20251101', 'claude-haiku-4-5-20251001', 'gpt-5.2-codex'];

const TABLES = `
  CREATE TABLE IF NOT EXISTS session (id text PRIMARY KEY, parent_id text, directory text, version text, time_created integer);
  CREATE TABLE IF NOT EXISTS message (id text PRIMARY KEY, session_id text, time_created integer, time_updated integer, data text);
  CREATE TABLE IF NOT EXISTS part (id text PRIMARY KEY, message_id text, session_id text, time_created integer, time_updated integer, data text);`;

/** Histories of opencode: a database whose messages change with each of their steps, and sub-agents' sessions. */
export function createOpencodeHistory(random: Random, home: string): History {
  const history: History = { strands: [], truth: [], variables: {}, badRows: 0 };
  const path = join(home, '.local', 'share', 'opencode', 'opencode.db');
  const sql = (text: string): FileChange => ({ kind: 'sql', path, sql: text });
  const root = `ses_${random.hex(10)}`;
  const child = random.chance(0.5) ? `ses_${random.hex(10)}` : null;
  const strand = [sql(TABLES), sql(insert('session', [root, null, '/repo', '1.18.33', 1_780_000_000_000]))];
  if (child) strand.push(sql(insert('session', [child, root, '/repo', '1.18.33', 1_780_000_001_000])));
  let clock = Date.UTC(2026, 4, random.int(1, 28), 22);
  let serial = 0;
  for (let count = random.int(1, 5); count > 0; count -= 1) {
    const session = child && random.chance(0.4) ? child : root;
    const model = random.pick(MODELS);
    const messageId = `msg_${random.hex(10)}`;
    const provider = model.startsWith('gpt') ? 'openai' : 'anthropic';
    const data = { role: 'assistant', modelID: model, providerID: provider, path: { cwd: '/repo' } };
    strand.push(sql(insert('message', [messageId, session, clock, clock, JSON.stringify(data)])));
    for (let steps = random.int(1, 3); steps > 0; steps -= 1) {
      clock += random.int(1, 9000);
      serial += 1;
      const tokens: TokenCounts = {
        input: random.int(1, 5000),
        output: random.int(20, 900),
        reasoning: random.int(0, 20),
        cacheRead: random.int(0, 9000),
        cacheWrite5m: provider === 'anthropic' ? random.int(0, 900) : 0,
        cacheWrite1h: 0,
      };
      const cost = trueCost(model, [tokens]);
      const id = (kind: number) => `prt_${String(serial).padStart(6, '0')}${kind}`;
      const call = { type: 'tool', callID: `call_${random.hex(6)}`, state: { input: { id: null } } };
      const cache = { read: tokens.cacheRead, write: tokens.cacheWrite5m };
      // Reasoning stands beside the output.
      const outside = {
        input: tokens.input,
        output: tokens.output - tokens.reasoning,
        reasoning: tokens.reasoning,
        cache,
      };
      const total = tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite5m;
      const step = { type: 'step-finish', tokens: { total, ...outside }, cost: 0 };
      strand.push(
        sql(insert('part', [id(0), messageId, session, clock, clock, JSON.stringify(call)])),
        sql(
          insert('part', [id(1), messageId, session, clock, clock, JSON.stringify(step)]) +
            `UPDATE message SET time_updated = ${clock} WHERE id = '${messageId}';`,
        ),
      );
      const agentId = session === root ? null : session;
      const at = new Date(clock).toISOString();
      history.truth.push({
        client: 'opencode',
        sessionId: root,
        agentId,
        model,
        at,
        tokens,
        webSearches: 0,
        grade: 'transcript',
        cost,
      });
    }
  }
  history.strands.push(strand);
  return history;
}

function insert(table: string, values: (string | number | null)[]): string {
  const texts = values.map((value) =>
    typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value ?? 'NULL'),
  );
  return `INSERT INTO ${table} VALUES (${texts.join(', ')});`;
}
