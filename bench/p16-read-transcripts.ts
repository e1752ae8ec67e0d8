// P16: reading 100 MB of transcripts (Claude Code's and Codex's, half each) for their usage, beside reading and
// JSON-parsing the same lines and nothing else, in turn. No database takes part.
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { claude } from '../src/accountability/clients/claude.js';
import { codex } from '../src/accountability/clients/codex.js';
import { readUsageFile } from '../src/accountability/transcripts/read-usage-file.js';
import type { ClientSource } from '../src/accountability/transcripts/source-types.js';
import { interleave, median, report } from './support/report.mjs';

const FILES = 50;
const FILE_BYTES = 2_000_000;
const ROUNDS = 5;

const home = mkdtempSync(join(tmpdir(), 'popstash-p16-'));
const words = 'the quick brown fox \\"jumps\\" over a lazy dog;\\n';

/** Turns as they are: an answer with a call, the call's result of very different lengths, rows about the environment. */
function claudeTurn(turn: number): string[] {
  const shared = `"isSidechain":false,"sessionId":"s","version":"2.1.300","cwd":"/repo","gitBranch":"main","timestamp":"${new Date(1.78e12 + turn * 1000).toISOString()}"`;
  const usage = `"usage":{"input_tokens":${turn},"cache_creation_input_tokens":500,"cache_read_input_tokens":90000,"output_tokens":400,"cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":200},"service_tier":"standard","speed":"standard","inference_geo":""}`;
  const call = `{"type":"tool_use","id":"toolu_${turn}","name":"Bash","input":{"command":"${words.repeat(4)}"}}`;
  return [
    `{"type":"assistant",${shared},"requestId":"req_${turn}","message":{"id":"msg_${turn}","role":"assistant","model":"claude-opus-4-8","stop_reason":"tool_use","content":[${call}],${usage}}}`,
    `{"type":"user",${shared},"message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_${turn}","content":"${words.repeat(5 + ((turn * 37) % 300))}"}]}}`,
    `{"type":"attachment",${shared},"attachment":{"type":"total_tokens_reminder","text":"${words.repeat(3)}"}}`,
  ];
}

function codexTurn(turn: number): string[] {
  const row = (type: string, payload: string) =>
    `{"timestamp":"${new Date(1.78e12 + turn * 1000).toISOString()}","ordinal":${turn},"type":"${type}","payload":${payload}}`;
  const usage = (n: number) =>
    `{"input_tokens":${9000 * n},"cached_input_tokens":${8000 * n},"output_tokens":${300 * n},"reasoning_output_tokens":${40 * n},"total_tokens":${9300 * n}}`;
  return [
    row(
      'response_item',
      `{"type":"function_call","call_id":"call_${turn}","name":"shell","arguments":"${words.repeat(4)}"}`,
    ),
    row(
      'response_item',
      `{"type":"function_call_output","call_id":"call_${turn}","output":"${words.repeat(5 + ((turn * 37) % 300))}"}`,
    ),
    row(
      'token_usage_record',
      `{"response_id":"resp_${turn}","usage":${usage(1)},"thread_token_usage":${usage(turn + 1)}}`,
    ),
    row(
      'event_msg',
      `{"type":"token_count","info":{"total_token_usage":${usage(turn + 1)},"last_token_usage":${usage(1)}},"rate_limits":null}`,
    ),
  ];
}

interface Transcript {
  source: ClientSource;
  path: string;
  bytes: number;
  requests: number;
}

const transcripts = Array.from({ length: FILES }, (_, index): Transcript => {
  const source = index % 2 === 0 ? claude : codex;
  const lines: string[] =
    source === codex ? ['{"timestamp":"2026-06-01T00:00:00Z","type":"session_meta","payload":{"id":"t"}}'] : [];
  let bytes = 0;
  let requests = 0;
  while (bytes < FILE_BYTES) {
    const turn = source === claude ? claudeTurn(requests) : codexTurn(requests);
    lines.push(...turn);
    bytes += turn.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    requests += 1;
  }
  const path = join(home, `${index}.jsonl`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return { source, path, bytes, requests };
});

/** What reading and parsing alone costs. */
async function readBare(): Promise<number> {
  let rows = 0;
  for (const { path } of transcripts) {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      JSON.parse(line);
      rows += 1;
    }
  }
  return rows;
}

async function readUsage(): Promise<number> {
  let records = 0;
  for (const { source, path } of transcripts) {
    let state: unknown = null;
    for (let isAtEnd = false; !isAtEnd; ) {
      const step = await readUsageFile(source, { client: source.client, path, format: 'lines' }, state);
      ({ state, isAtEnd } = step);
      records += step.records.length;
    }
  }
  return records;
}

try {
  const expected = transcripts.reduce((sum, { requests }) => sum + requests, 0);
  if ((await readUsage()) !== expected) throw new Error('the readers did not see every request');
  const cpu: Record<string, number> = { bare: 0, usage: 0 };
  const counted = (name: string, work: () => Promise<number>) => async () => {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    cpu[name] = (cpu[name] ?? 0) + user + system;
  };
  const sides = { bare: counted('bare', readBare), usage: counted('usage', readUsage) };
  const { usage = [], bare = [] } = await interleave(sides, ROUNDS);
  const ratios = usage.map((time, round) => time / (bare[round] ?? Number.NaN));
  const megabytes = transcripts.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  report('P16 reading 100 MB of transcripts ÷ parsing them bare', median(ratios), '≤ 1.5');
  report('P16 the same, CPU time', (cpu.usage ?? 0) / (cpu.bare ?? 1), '-');
  report('P16 transcripts read for usage, MB/s', Math.round(megabytes / (median(usage) / 1000)), '-');
} finally {
  rmSync(home, { recursive: true, force: true });
}
