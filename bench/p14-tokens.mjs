// @ts-check
// P14: tokens (o200k) that PopStash takes from an agent's context: the tools' schemas, a recall with five hits, and a
// task begun in a project full of notes.
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { connectFront } from './support/mcp-client.mjs';
import { report } from './support/report.mjs';

const NOTES = [
  [
    'auth-patterns',
    'This codebase uses Guardian for JWT auth. Tokens expire in 24h. Refresh tokens are stored in Redis. All auth errors return 401 with a JSON body.',
  ],
  [
    'api-security',
    'All API endpoints require authentication except /health and /metrics. The plug lives in lib/auth_plug.ex and runs before the router.',
  ],
  [
    'auth-tests',
    'Authentication tests use the signed_conn helper in test/support/conn_case.ex; do not build tokens by hand, the claims change often.',
  ],
  [
    'auth-incident',
    'In March the auth service went down since the JWKS cache had no fallback. Keep the last good key set for an hour when the provider is unreachable.',
  ],
  [
    'auth-rate-limit',
    'Login attempts are limited to ten a minute and address by the authentication rate limiter; the counter lives in Redis under auth:attempts.',
  ],
];

const front = await connectFront();
const { tools } = await front.mcp.listTools();
report(`P14 schemas of the ${tools.length} tools, tokens`, count(tools), '≤ 3500 for all 17');
for (const [key, content] of NOTES) await front.call('insight', { key, content });
const answer = await front.call('recall', {
  query: 'authentication: tokens, endpoints, tests, the incident, the rate limit',
  limit: 5,
});
if (answer.results.length !== 5) console.error(`recall returned ${answer.results.length} hits`);
report('P14 a recall with five hits, tokens', count(answer), '≤ 700');
for (const [key, content] of NOTES) {
  await front.call('decide', { topic: key, decision: content, reasoning: content });
  await front.call('stash', { name: key, summary: `${content} ${content}` });
}
const started = await front.call('start_task', {
  task: 'Rework authentication: tokens, endpoints, tests, the rate limit',
  files: ['lib/auth_plug.ex', 'lib/router.ex'],
});
report('P14 a task begun in a project full of notes, tokens', count(started), '≤ 1000');
await front.close();

/** @param {unknown} value */
function count(value) {
  return encode(JSON.stringify(value)).length;
}
