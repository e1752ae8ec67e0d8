// @ts-check
// P2: ping ÷ a bare MCP SDK echo server, alternating call by call, in child processes that each round starts.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, connectFront, timed } from './support/mcp-client.mjs';
import { median, percentile, report } from './support/report.mjs';

const ROUNDS = 5;
const CALLS = 1_000;

const folder = mkdtempSync(join(tmpdir(), 'popstash-p2-'));
const embedded = { ...process.env, DATABASE_URL: '', REDIS_URL: '', POPSTASH_DATA_DIR: folder };
/** @type {Record<string, number[]>} */
const ratios = { server: [], embedded: [] };
for (let round = 0; round < ROUNDS; round += 1) {
  const echo = await connect([join(process.cwd(), 'bench', 'support', 'echo-server.mjs')]);
  const sides = { echo, server: await connectFront(), embedded: await connectFront(embedded) };
  /** @type {Record<string, number[]>} */
  const times = { echo: [], server: [], embedded: [] };
  for (let i = -100; i < CALLS; i += 1) {
    for (const [name, side] of Object.entries(sides)) {
      const took = await timed(() => side.call('ping'));
      if (i >= 0) times[name]?.push(took);
    }
  }
  for (const name of ['server', 'embedded']) {
    ratios[name]?.push(percentile(times[name] ?? [], 0.5) / percentile(times.echo ?? [], 0.5));
  }
  for (const side of Object.values(sides)) await side.close();
}
report('P2 ping ÷ bare SDK echo server, server mode', median(ratios.server ?? []), '≤ 1.15');
report('P2 ping ÷ bare SDK echo server, embedded (two hops)', median(ratios.embedded ?? []), '≤ 1.15');
execFileSync(process.execPath, ['dist/main.js', 'down'], { env: embedded, stdio: 'ignore' });
rmSync(folder, { recursive: true, force: true });
