// `popstash init --measure-costs`: clients' own settings, and the receiver that it switches on.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { connectClient } from '../../support/processes/client.js';
import { runCommand } from '../../support/processes/processes.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { createDataFolder, createFolder } from '../../support/setup/folders.js';
import { waitUntil } from '../../support/setup/wait-until.js';
import { claudeRequest, exportLogs } from '../../support/telemetry/otlp-logs.js';

const URL = 'http://127.0.0.1:4411/popstash';
/** Of the developer's own clients: none of it may be read or written here. */
const FOREIGN = { CLAUDE_CONFIG_DIR: undefined, CODEX_HOME: undefined, GEMINI_CLI_HOME: undefined };

const CLAUDE = {
  CLAUDE_CODE_ENABLE_TELEMETRY: '1',
  OTEL_LOGS_EXPORTER: 'otlp',
  OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${URL}/v1/logs`,
  OTEL_LOGS_EXPORT_INTERVAL: '1000',
};
const CODEX = `# popstash: begin (popstash init --undo takes this out)
[otel]
exporter = { otlp-http = { endpoint = "${URL}/v1/logs", protocol = "json" } }
# popstash: end
`;
const GEMINI = { enabled: true, target: 'local', otlpEndpoint: URL, otlpProtocol: 'http', logPrompts: false };

let home: string;
let cwd: string;
let env: Record<string, string | undefined>;

beforeEach(() => {
  home = createFolder();
  cwd = createFolder();
  env = { HOME: home, ...FOREIGN, POPSTASH_DATA_DIR: createFolder() };
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
}

const read = (path: string) => readFileSync(join(home, path), 'utf8');
const readJson = (path: string) => JSON.parse(read(path));
const init = (...args: string[]) => runCommand(['init', '--client', 'claude', ...args], { cwd, env });

function readHome(): Record<string, string> {
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'utf8')]),
  );
}

describe('init --measure-costs', () => {
  test('writes what each client needs into its user settings, twice the same, and --undo restores every byte', async () => {
    write('.claude/settings.json', '{\n\t"model": "opus",\n\t"env": { "MINE": "1" }\n}');
    write('.codex/config.toml', 'model = "gpt-5" # mine\n[mcp_servers.x]\ncommand = "y"');
    write('.gemini/settings.json', '{"theme":"dark"}');
    const before = readHome();
    expect((await init('--measure-costs', '--yes')).code).toBe(0);
    expect(readJson('.claude/settings.json')).toEqual({ model: 'opus', env: { MINE: '1', ...CLAUDE } });
    expect(read('.codex/config.toml')).toBe(`model = "gpt-5" # mine\n[mcp_servers.x]\ncommand = "y"\n\n${CODEX}`);
    expect(readJson('.gemini/settings.json')).toEqual({ theme: 'dark', telemetry: GEMINI });
    expect(JSON.parse(readFileSync(join(env.POPSTASH_DATA_DIR ?? '', 'receiver.json'), 'utf8'))).toEqual({
      port: 4411,
    });

    const written = readHome();
    expect((await init('--measure-costs', '--yes')).stdout).toContain('as they should be');
    expect(readHome()).toEqual(written);
    expect((await runCommand(['init', '--undo', '--yes'], { cwd, env })).code).toBe(0);
    expect(readHome()).toEqual(before);
    expect(existsSync(join(env.POPSTASH_DATA_DIR ?? '', 'receiver.json'))).toBe(false);
  });

  test('leaves clients alone that the user does not have; without the option it writes nothing and tells of it', async () => {
    const told = await init('--yes');
    expect(told.stdout).toContain('--measure-costs');
    expect(readdirSync(home)).toEqual([]);
    expect((await init('--measure-costs', '--yes')).code).toBe(0);
    expect(readdirSync(home)).toEqual([]);
    expect((await init('--yes')).stdout).not.toContain('Note: costs');
  });

  test('another port takes the place of the one before', async () => {
    write('.claude/settings.json', '{}');
    write('.codex/config.toml', '');
    await init('--measure-costs', '--yes');
    env = { ...env, POPSTASH_RECEIVER_PORT: '5511' };
    expect((await init('--measure-costs', '--yes')).code).toBe(0);
    expect(readJson('.claude/settings.json').env.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT).toBe(
      'http://127.0.0.1:5511/popstash/v1/logs',
    );
    expect(read('.codex/config.toml')).toBe(CODEX.replace('4411', '5511'));
  });

  const elsewhere: [what: string, path: string, text: string][] = [
    [
      'Claude Code, an endpoint',
      '.claude/settings.json',
      '{"env":{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT":"https://a.example/v1/logs"}}',
    ],
    [
      'Claude Code, an exporter',
      '.claude/settings.json',
      '{"env":{"OTEL_LOGS_EXPORTER":"otlp","OTEL_EXPORTER_OTLP_ENDPOINT":"http://127.0.0.1:4318"}}',
    ],
    ['Codex, a table', '.codex/config.toml', '[otel]\nexporter = "none"\n'],
    ['Codex, a dotted key', '.codex/config.toml', 'otel.environment = "dev"\n'],
    ['Codex, no TOML', '.codex/config.toml', 'model = \n'],
    [
      'Gemini CLI, an endpoint',
      '.gemini/settings.json',
      '{"telemetry":{"enabled":true,"otlpEndpoint":"http://127.0.0.1:4318"}}',
    ],
    ['Gemini CLI, a file', '.gemini/settings.json', '{"telemetry":{"outfile":"x.log"}}'],
    ['Gemini CLI, Google', '.gemini/settings.json', '{"telemetry":{"enabled":true,"target":"gcp"}}'],
  ];

  test.each(elsewhere)('leaves settings alone that point elsewhere, and says so: %s', async (_what, path, text) => {
    write(path, text);
    const { code, stdout } = await init('--measure-costs', '--yes');
    expect(read(path)).toBe(text);
    expect(stdout).toContain(`${join(home, path)} is left alone`);
    expect(code).toBe(1);
    await runCommand(['init', '--undo', '--yes'], { cwd, env });
    expect(read(path)).toBe(text);
  });

  test("leaves Claude Code alone whose environment's own telemetry goes elsewhere; its metrics may", async () => {
    write('.claude/settings.json', '{"env":{"OTEL_METRICS_EXPORTER":"otlp"}}');
    env = { ...env, OTEL_LOGS_EXPORTER: 'otlp' };
    expect((await init('--measure-costs', '--yes')).stdout).toContain('OTEL_LOGS_EXPORTER is set');
    env = { ...env, OTEL_LOGS_EXPORTER: undefined };
    expect((await init('--measure-costs', '--yes')).code).toBe(0);
    expect(readJson('.claude/settings.json').env).toMatchObject(CLAUDE);
  });
});

describe('the receiver', () => {
  async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  const modes: [mode: string, start: () => Promise<Record<string, string>>][] = [
    ['the local server', async () => ({ POPSTASH_DATA_DIR: createDataFolder() })],
    [
      'the reader of server mode',
      async () => ({ POPSTASH_DATA_DIR: createFolder(), DATABASE_URL: (await createTestDatabase()).url }),
    ],
  ];

  test.each(modes)('is switched on by init, in %s, and what it takes is in the costs', async (_host, start) => {
    const port = await freePort();
    const own = { ...env, ...(await start()) };
    env = { ...own, POPSTASH_RECEIVER_PORT: String(port) };
    await init('--measure-costs', '--yes');
    const client = await connectClient({ cwd, env: own });
    await client.call('ping', {});
    const sending = { url: `http://127.0.0.1:${port}/popstash/v1/logs`, encoding: 'json' } as const;
    const sent = [claudeRequest({ 'event.timestamp': new Date().toISOString() })];
    await waitUntil(async () => (await exportLogs(sent, sending)).length === 0, 'the receiver');
    const { stdout } = await runCommand(['costs', '--by', 'model', '--all-projects', '--json'], { cwd, env: own });
    expect(JSON.parse(stdout).rows).toMatchObject([
      { key: 'claude-opus-4-5', requests: 1, grades: { measured: { requests: 1 } } },
    ]);
    await client.close();
  });

  test('is off without it', async () => {
    const port = await freePort();
    const client = await connectClient({ cwd, env: { ...env, POPSTASH_DATA_DIR: createDataFolder() } });
    await client.call('ping', {});
    const sending = { url: `http://127.0.0.1:${port}/popstash/v1/logs`, encoding: 'json' } as const;
    expect(await exportLogs([claudeRequest()], sending)).toHaveLength(1);
    await client.close();
  });
});
