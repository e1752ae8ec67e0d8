import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claude } from '../../../src/accountability/clients/claude.js';
import { codex } from '../../../src/accountability/clients/codex.js';
import { gemini } from '../../../src/accountability/clients/gemini.js';
import { environmentOf, readAll } from '../ledger/client-histories/read-all.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/telemetry');

/** Clients of which both witnesses of one session were recorded (test/fixtures/telemetry/README.md). */
export const RECORDED = {
  claude: { source: claude, environment: environmentOf('/nowhere', { CLAUDE_CONFIG_DIR: join(FIXTURES, 'claude') }) },
  codex: { source: codex, environment: environmentOf('/nowhere', { CODEX_HOME: join(FIXTURES, 'codex') }) },
  gemini: { source: gemini, environment: environmentOf(join(FIXTURES, 'gemini')) },
} as const;

export type RecordedClient = keyof typeof RECORDED;

/** The OTLP/JSON request as the client sent it. */
export function readRecordedLogs(client: RecordedClient): string {
  return readFileSync(join(FIXTURES, client, 'logs.json'), 'utf8');
}

/** What the transcript of the same session says. */
export async function readRecordedTranscript(client: RecordedClient) {
  const { source, environment } = RECORDED[client];
  return (await readAll(source, environment)).records;
}
