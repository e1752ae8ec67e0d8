// F11: processes whose clocks are an hour off. Only the database's counts.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectClient, type TestClient } from '../../support/processes/client.js';
import { createTestDatabase } from '../../support/setup/database.js';
import { trialCount } from '../../support/setup/trial.js';

interface Acquired {
  acquired: { pattern: string; token: number; expires_at: string; expires_in: string }[];
  conflicts: { file: string; held_for: string; expires_in: string; last_active: string }[];
}

const HOUR = 3_600_000;
const clock = join(import.meta.dirname, '..', '..', 'support', 'processes', 'shift-clock.mjs');

test('F11: a clock that is an hour wrong neither frees, nor keeps, nor misreports a lock', async () => {
  const { url, pool } = await createTestDatabase();
  const connect = (shift: number) =>
    connectClient({
      env: { DATABASE_URL: url, NODE_OPTIONS: `--import=${clock}`, TEST_CLOCK_SHIFT_MS: String(shift) },
    });
  const agents: TestClient[] = [await connect(-HOUR), await connect(HOUR), await connect(0)];
  for (let round = 0; round < trialCount(6, 300); round += 1) {
    const [holder, other] = [agents[round % 3], agents[(round + 1) % 3]] as [TestClient, TestClient];
    const wanted = { patterns: ['src/a.ts'], ttl_minutes: 10 };
    const mine = await holder.call<Acquired>('acquire', wanted);
    const [lock] = mine.acquired;
    expect(lock?.expires_in).toBe('10 minutes');
    const refused = await other.call<Acquired>('acquire', wanted);
    expect(refused.conflicts).toMatchObject([
      { file: 'src/a.ts', expires_in: expect.stringMatching(/^(9|10) minutes$/) },
    ]);
    expect(refused.conflicts[0]?.held_for).toMatch(/second|now/);
    const expiresBy = await pool.query(
      `SELECT $1::timestamptz - clock_timestamp() BETWEEN '9 min' AND '10 min' AS right`,
      [lock?.expires_at],
    );
    expect(expiresBy.rows).toEqual([{ right: true }]);
    // By the database's clock the life is over: free at once for the next agent, whatever its clock says.
    await pool.query(`UPDATE locks SET expires_at = clock_timestamp() WHERE ended_at IS NULL`);
    const taken = await other.call<Acquired>('acquire', wanted);
    expect(taken.acquired[0]?.token).toBeGreaterThan(lock?.token ?? 0);
    expect(await holder.call('release', { patterns: ['src/a.ts'] })).toMatchObject({ not_held: ['src/a.ts'] });
    expect(await other.call('release', { patterns: ['src/a.ts'] })).toMatchObject({ released: ['src/a.ts'] });
  }
});
