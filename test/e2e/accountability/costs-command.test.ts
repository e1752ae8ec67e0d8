// The commands of accountability through the built command line, in both modes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import stringWidth from 'string-width';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectClient } from '../../support/processes/client.js';
import { runCommand, spawnCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { childEnvironment, type EnvironmentChange } from '../../support/setup/environment.js';
import { createDataFolder, createFolder, MAIN } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const SONNET = 'claude-3-5-sonnet';

/** A copy of ~/.claude with one session of two requests, one of which was streamed. */
function createTranscripts(cwd: string): string {
  const root = createFolder('ps-claude-');
  const folder = join(root, 'projects', '-work');
  mkdirSync(folder, { recursive: true });
  const row = (id: string, output: number, stop: string | null) =>
    JSON.stringify({
      type: 'assistant',
      sessionId: '11111111-2222-4333-8444-555555555555',
      timestamp: '2026-11-20T23:30:00.000Z',
      requestId: `req_${id}`,
      cwd,
      uuid: `${id}-${output}`,
      version: '2.1.0',
      message: {
        id: `msg_${id}`,
        role: 'assistant',
        model: 'claude-opus-4-5',
        stop_reason: stop,
        content: [],
        usage: {
          input_tokens: 1_000_000,
          output_tokens: output,
          cache_read_input_tokens: 0,
          cache_creation_input_tokens: 0,
        },
      },
    });
  const rows = [row('a', 1, null), row('a', 0, 'end_turn'), row('b', 0, 'end_turn')];
  writeFileSync(join(folder, '11111111-2222-4333-8444-555555555555.jsonl'), `${rows.join('\n')}\n`);
  return root;
}

describe.each(['embedded', 'server'] as const)('%s mode', (mode) => {
  let env: EnvironmentChange;

  beforeAll(async () => {
    env =
      mode === 'embedded'
        ? { POPSTASH_DATA_DIR: createDataFolder() }
        : { DATABASE_URL: (await createTestDatabase()).url };
  });

  const inFolder = (cwd: string) => ({
    run: (args: readonly string[], more: EnvironmentChange = {}) => runCommand(args, { env: { ...env, ...more }, cwd }),
    connect: () => connectClient({ env, cwd }),
  });

  test('scan reads what a client has written, once; costs, audit and reprice go by it', async () => {
    const cwd = createFolder('ps-costs-');
    const { run } = inFolder(cwd);
    expect((await run(['costs'])).stdout).toContain('popstash costs scan');
    const dir = createTranscripts(cwd);
    const scan = async () =>
      JSON.parse((await run(['costs', 'scan', '--client', 'claude', '--dir', dir, '--json'])).stdout);
    expect(await scan()).toMatchObject({ files_found: 1, files_read: 1, new_requests: 2, files_not_read: 0 });
    expect(await scan()).toMatchObject({ files_found: 1, new_requests: 0 });

    const days = async (timezone: string) => {
      const { stdout } = await run(['costs', '--json'], { POPSTASH_TIMEZONE: timezone });
      return JSON.parse(stdout);
    };
    const berlin = await days('Europe/Berlin');
    expect(berlin).toMatchObject({
      currency: 'USD',
      timezone: 'Europe/Berlin',
      rows: [
        { key: '2026-11-21', requests: 2, cost_usd: '10', grades: { transcript: { requests: 2, cost_usd: '10' } } },
      ],
      coverage: { sessions: 1, with_evidence: 1, reported_only: 0, missing: 0 },
    });
    expect(Object.keys(berlin).sort()).toEqual(['coverage', 'currency', 'rows', 'timezone', 'total']);
    expect((await days('UTC')).rows).toMatchObject([{ key: '2026-11-20' }]);
    expect((await run(['costs', '--by', 'model'])).stdout).toMatch(/^claude-opus-4-5 +2 .* ≥10\.00 {2}transcript$/m);

    const audit = JSON.parse((await run(['costs', 'audit', '--json'])).stdout);
    expect(audit).toMatchObject({ sessions: [{ transcript_only: 2 }], differences: [], unconfirmed: [] });
    expect((await run(['costs', 'audit'])).stdout).toContain('No difference');

    const prices = join(createFolder('ps-prices-'), 'prices.json');
    writeFileSync(
      prices,
      JSON.stringify({ version: 1, models: [{ match: 'claude-*', multiplier: '0.123456789012' }] }),
    );
    const repriced = await run(['costs', 'reprice', '--json'], { POPSTASH_PRICES: prices });
    expect(JSON.parse(repriced.stdout)).toMatchObject({ changed: 2, prices_file: prices });
    expect((await days('UTC')).total.cost_usd).toBe('1.23456789012');
    const rebuilt = JSON.parse((await run(['costs', 'rollup', '--rebuild', '--json'])).stdout);
    expect(rebuilt).toMatchObject({ corrected: 0 });
  });

  test('an unknown model is named with what to do, and lines fit a terminal', async () => {
    const { run, connect } = inFolder(createFolder('ps-costs-'));
    const client = await connect();
    await client.call('report_cost', { tokens_in: 1_000_000, tokens_out: 0, model: SONNET });
    await client.call('report_cost', { tokens_in: 7, tokens_out: 1, model: 'house-model-1' });
    await client.close();
    const { stdout } = await run(['costs', '--by', 'model', '--since', 'today']);
    expect(stdout).toContain('Without a price: house-model-1 (1).');
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'name a price file in POPSTASH_PRICES and run popstash costs reprice',
    );
    expect(stdout).not.toContain('\u001b');
    const coloured = await run(['costs', '--by', 'model'], { FORCE_COLOR: '1' });
    expect(coloured.stdout).toContain('\u001b[1mtotal');
    expect((await run(['costs', '--by', 'model'], { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout).not.toContain('\u001b');
    expect((await run(['costs', '--since', '2027-01-01'])).stdout).toContain('No usage in this time.');
  });

  test('the timeline is listed by type and since, one JSON object a line for scripts', async () => {
    const { run, connect } = inFolder(createFolder('ps-timeline-'));
    expect((await run(['timeline', '--type', 'stash'])).stdout).toBe('Nothing like that has happened.\n');
    const client = await connect();
    await client.call('stash', { name: 'first', summary: 'Half of the parser' });
    await client.call('decide', { topic: 'store', decision: 'Use PostgreSQL.' });
    await client.close();
    const { stdout } = await run(['timeline', '--since', 'today', '--type', 'stash']);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}agent_\w{16} {2}[A-Z]\w+ \(test\) +Stashed: first\n$/);
    const lines = (await run(['timeline', '--json', '--limit', '50'])).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type }) => type)).toEqual(expect.arrayContaining(['decision', 'stash', 'agent_connected']));
    expect(lines.findIndex(({ type }) => type === 'decision')).toBeLessThan(
      lines.findIndex(({ type }) => type === 'stash'),
    );
    expect(lines[0]).toMatchObject({ time: expect.stringMatching(/Z$/), agent_id: expect.stringMatching(/^agent_/) });
    expect(
      (await run(['timeline', '--json', '--since', '12h', '--limit', '1'])).stdout.trim().split('\n'),
    ).toHaveLength(1);
  });

  test('a followed timeline goes on, shows each activity once, and ends cleanly', async () => {
    const cwd = createFolder('ps-timeline-');
    const { connect } = inFolder(cwd);
    const client = await connect();
    await client.call('stash', { name: 'before', summary: 'x' });
    const follow = spawnCommand(['timeline', '--follow', '--json', '--type', 'stash'], { env, cwd });
    const subjects = () =>
      follow
        .stdout()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).subject);
    await waitUntil(() => subjects().length === 1, 'the first activity');
    for (const name of ['one', 'two']) await client.call('stash', { name, summary: 'x' });
    await waitUntil(() => subjects().length === 3, 'two more activities');
    follow.kill('SIGINT');
    expect(await follow.exited).toBe(0);
    expect(subjects()).toEqual(['before', 'one', 'two']);
    expect(follow.stderr()).toBe('');
    await client.close();
  });

  test.each([
    ['costs', '--by', 'hour'],
    ['timeline', '--follow'],
  ])('%s whose reader has gone ends without a word', async (...args) => {
    const cwd = createFolder('ps-timeline-');
    const { connect } = inFolder(cwd);
    const client = await connect();
    await client.call('stash', { name: 'one', summary: 'x' });
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: childEnvironment(env),
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const ended = once(child, 'close');
    if (args[0] === 'timeline') await once(child.stdout, 'data');
    child.stdout.destroy();
    // Another activity is what is written next.
    await client.call('stash', { name: 'two', summary: 'x' });
    expect([(await ended)[0], stderr]).toEqual([0, '']);
    await client.close();
  });
});

describe('wrong usage', () => {
  const run = (...args: string[]) => runCommand(args, { env: { POPSTASH_DATA_DIR: createDataFolder() } });

  test.each([
    [['costs', '--snce', '7d'], /unknown option '--snce'\n\(Did you mean --since\?\)/],
    [['costs', 'scann'], /costs has no command 'scann'; it has: scan, audit, reprice, rollup/],
    [['costs', '--by', 'weak'], /Allowed choices are hour, day, week/],
    [['costs', '--since', '5m'], /It must be a day \(2026-11-26\)/],
    [['costs', 'scan', '--client', 'emacs'], /Allowed choices are claude, codex/],
    [['timeline', '--type', 'desicion'], /Allowed choices are .*decision/],
    [['timeline', '--limit', '0'], /from 1 to/],
    [['timline'], /unknown command 'timline'\n\(Did you mean timeline\?\)/],
  ])('%j says what is right', async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  test('a time zone, a folder and a client that are none are said in a sentence', async () => {
    for (const [args, message] of [
      [['costs', '--timezone', 'Mars/Olympus'], /"Mars\/Olympus" is no time zone/],
      [['costs', 'scan', '--dir', '/nowhere/at/all'], /is no folder/],
      [['costs', 'scan', '--client', 'cursor'], /not reported: Cursor writes no tokens to disk/],
      [['costs', '--since', '2026-11-27', '--until', '2026-11-26'], /Nothing lies between/],
    ] as const) {
      const { code, stderr } = await run(...args);
      expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
      expect(stderr).not.toContain('    at ');
    }
  });

  test('the help of each command has an example and fits 80 columns', async () => {
    for (const command of [
      ['costs'],
      ['costs', 'scan'],
      ['costs', 'audit'],
      ['costs', 'reprice'],
      ['costs', 'rollup'],
      ['timeline'],
    ]) {
      const { stdout } = await run(...command, '--help');
      expect(stdout).toMatch(new RegExp(`Examples?:\\n  .*popstash ${command.join(' ')}`));
      for (const line of stdout.split('\n')) expect(stringWidth(line), line).toBeLessThanOrEqual(80);
    }
  });
});
