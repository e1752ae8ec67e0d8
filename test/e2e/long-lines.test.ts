// The longest lines: a legal one is carried out, a longer one is refused under its own id, and the connection goes on.
import { describe, expect, test } from 'vitest';
import { openRawClient, type RawAnswer } from '../support/processes/raw-client.js';
import { createTestDatabase } from '../support/setup/database.js';
import type { EnvironmentChange } from '../support/setup/environment.js';
import { createDataFolder } from '../support/setup/folders.js';

const MAX_LINE_BYTES = 6 * 1024 * 1024;
const TEXT = 'Notes on the parser. '.repeat(20_000).slice(0, 256 * 1024);

const modes: { mode: string; start: () => Promise<EnvironmentChange> }[] = [
  { mode: 'server', start: async () => ({ DATABASE_URL: (await createTestDatabase()).url }) },
  { mode: 'embedded', start: async () => ({ POPSTASH_DATA_DIR: createDataFolder() }) },
];

/** A call with three texts of 256 KB, every character escaped; two are in its metadata, which spares the database. */
function writeLongCall(): string {
  const escaped = [...TEXT].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  const meta = `{"test/one":"${escaped}","test/two":"${escaped}"}`;
  const params = `{"name":"insight","arguments":{"key":"long","content":"${escaped}"},"_meta":${meta}}`;
  return `{"jsonrpc":"2.0","id":"legal","method":"tools/call","params":${params}}`;
}

describe.each(modes)('$mode mode', ({ start }) => {
  test('a call as long as texts may make it is carried out, a longer line is refused, the next call is answered', async () => {
    const received: (RawAnswer & { id?: unknown })[] = [];
    const client = openRawClient(await start(), (answer) => received.push(answer));
    const clientInfo = { name: 'long', version: '0' };
    await client.request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
    await client.send('{"jsonrpc":"2.0","method":"notifications/initialized"}');

    const line = writeLongCall();
    expect(line.length).toBeGreaterThan(4.5e6);
    // On a busy machine the database may need a second attempt.
    const isBusy = () => received.at(-1)?.result?.content?.[0]?.text?.includes('"retryable":true');
    do {
      await client.send(line);
      await client.allAnswered();
    } while (isBusy());
    expect(received.at(-1)).toMatchObject({ id: 'legal', result: { structuredContent: { key: 'long' } } });
    const recall = { query: 'long', limit: 1, token_budget: 50_000 };
    const { result } = await client.request('tools/call', { name: 'recall', arguments: recall });
    const [found] = (result?.structuredContent?.results ?? []) as { content: string; omitted_chars: number }[];
    const shown = found?.content.slice(0, -2) ?? '';
    expect(TEXT.startsWith(shown)).toBe(true);
    expect(shown.length + (found?.omitted_chars ?? 0)).toBe(TEXT.length);

    await client.send(`{"jsonrpc":"2.0","method":"ping","params":{"a":"${'x'.repeat(MAX_LINE_BYTES)}"},"id":"longer"}`);
    await client.allAnswered();
    const error = { code: -32_600, data: { code: 'too_large', retryable: false } };
    expect(received.at(-1)).toMatchObject({ id: 'longer', error });
    const pong = await client.request('tools/call', { name: 'ping' });
    expect(pong).toMatchObject({ result: { structuredContent: { status: 'pong' } } });
    expect(client.faults).toEqual([]);
  });
});
