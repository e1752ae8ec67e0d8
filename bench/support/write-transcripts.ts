// Transcripts for figures, half of them Claude Code's and half Codex's.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claude } from '../../src/accountability/clients/claude.js';
import { codex } from '../../src/accountability/clients/codex.js';
import type { ClientSource } from '../../src/accountability/transcripts/source-types.js';

const words = 'the quick brown fox \\"jumps\\" over a lazy dog;\\n';

/** Turns as they are: an answer with a call, the call's result of very different lengths, rows about the environment. */
function claudeTurn(file: number, turn: number): string[] {
  const shared = `"isSidechain":false,"sessionId":"s${file}","version":"2.1.300","cwd":"/repo","gitBranch":"main","timestamp":"${new Date(1.78e12 + turn * 1000).toISOString()}"`;
  const usage = `"usage":{"input_tokens":${turn},"cache_creation_input_tokens":500,"cache_read_input_tokens":90000,"output_tokens":400,"cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":200},"service_tier":"standard","speed":"standard","inference_geo":""}`;
  const call = `{"type":"tool_use","id":"toolu_${file}_${turn}","name":"Bash","input":{"command":"${words.repeat(4)}"}}`;
  return [
    `{"type":"assistant",${shared},"requestId":"req_${file}_${turn}","message":{"id":"msg_${file}_${turn}","role":"assistant","model":"claude-opus-4-8","stop_reason":"tool_use","content":[${call}],${usage}}}`,
    `{"type":"user",${shared},"message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_${file}_${turn}","content":"${words.repeat(5 + ((turn * 37) % 300))}"}]}}`,
    `{"type":"attachment",${shared},"attachment":{"type":"total_tokens_reminder","text":"${words.repeat(3)}"}}`,
  ];
}

function codexTurn(file: number, turn: number): string[] {
  const row = (type: string, payload: string) =>
    `{"timestamp":"${new Date(1.78e12 + turn * 1000).toISOString()}","ordinal":${turn},"type":"${type}","payload":${payload}}`;
  const usage = (n: number) =>
    `{"input_tokens":${9000 * n},"cached_input_tokens":${8000 * n},"output_tokens":${300 * n},"reasoning_output_tokens":${40 * n},"total_tokens":${9300 * n}}`;
  return [
    row(
      'response_item',
      `{"type":"function_call","call_id":"call_${file}_${turn}","name":"shell","arguments":"${words.repeat(4)}"}`,
    ),
    row(
      'response_item',
      `{"type":"function_call_output","call_id":"call_${file}_${turn}","output":"${words.repeat(5 + ((turn * 37) % 300))}"}`,
    ),
    row(
      'token_usage_record',
      `{"response_id":"resp_${file}_${turn}","usage":${usage(1)},"thread_token_usage":${usage(turn + 1)}}`,
    ),
    row(
      'event_msg',
      `{"type":"token_count","info":{"total_token_usage":${usage(turn + 1)},"last_token_usage":${usage(1)}},"rate_limits":null}`,
    ),
  ];
}

export interface Transcript {
  source: ClientSource;
  path: string;
  bytes: number;
  requests: number;
}

/** Writes the files below a home, as these clients do. @param fileBytes of each, about */
export function writeTranscripts(home: string, files: number, fileBytes: number): Transcript[] {
  const folders = {
    claude: join(home, '.claude', 'projects', '-repo'),
    codex: join(home, '.codex', 'sessions', '2026', '06', '01'),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  return Array.from({ length: files }, (_, file): Transcript => {
    const source = file % 2 === 0 ? claude : codex;
    const lines: string[] =
      source === codex
        ? [`{"timestamp":"2026-06-01T00:00:00Z","type":"session_meta","payload":{"id":"t${file}"}}`]
        : [];
    let bytes = 0;
    let requests = 0;
    while (bytes < fileBytes) {
      const turn = source === claude ? claudeTurn(file, requests) : codexTurn(file, requests);
      lines.push(...turn);
      bytes += turn.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
      requests += 1;
    }
    const path =
      source === claude ? join(folders.claude, `s${file}.jsonl`) : join(folders.codex, `rollout-${file}.jsonl`);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return { source, path, bytes, requests };
  });
}
