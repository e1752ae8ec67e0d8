import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { jobs } from '../../src/jobs/job-list.js';
import { findPackage } from '../../src/package-root.js';
import { createProducer } from '../../src/queue/producer.js';
import { NO_TELEMETRY } from '../../src/telemetry/no-telemetry.js';

/** `popstash worker embedding` on this benchmark's database and Redis, with its model loaded. */
export async function startEmbeddingWorker(): Promise<{ close(): Promise<void> }> {
  const main = join(findPackage().root, 'dist', 'main.js');
  const child = spawn(process.execPath, [main, 'worker', 'embedding'], {
    env: { ...process.env, POPSTASH_LOG_LEVEL: 'info' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await untilWorking(child);
  return {
    async close() {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

async function untilWorking(child: ChildProcess): Promise<void> {
  if (!child.stderr) throw new Error('no stderr');
  const lines = createInterface({ input: child.stderr });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)));
    lines.on('line', (line) => {
      if (line.includes('ready: takes jobs')) resolve();
      else if (!line.includes('"level":30')) console.error(line);
    });
  });
}

/** Writes insights with their passages, as the front's statement does; replaces all there was, unless in a new `project`. */
export async function writePassages(pool: Pool, texts: readonly string[], project = 'bench'): Promise<string[]> {
  if (project === 'bench') await pool.query('TRUNCATE projects CASCADE');
  const { rows } = await pool.query<{ id: string }>(
    `WITH project AS (INSERT INTO projects (id, root) VALUES ($2, '/' || $2) RETURNING id),
     written AS (
       INSERT INTO insights (id, project_id, version, content)
       SELECT 'insight_' || $2 || '_' || v.n, project.id, 1, v.text
         FROM project, unnest($1::text[]) WITH ORDINALITY AS v(text, n) RETURNING *
     )
     INSERT INTO passages (project_id, owner_kind, owner_id, start_offset, end_offset, content_hash, tsv, lexeme_count)
     SELECT w.project_id, 'insight', w.id, c.start_offset, c.end_offset, c.content_hash, c.tsv, c.lexeme_count
       FROM written w, cut_passages(w.content) c
     RETURNING id::text AS id`,
    [texts, project],
  );
  await pool.query('ANALYZE passages');
  return rows.map((row) => row.id);
}

/** A worker sweeps more often in its first 12 s; nothing is measured before that is over. */
export const RECOVERY_OVER_MS = 13_000;

export interface Drainer {
  /** Gives one job a passage, as that many writes would, and waits until none lacks a vector. @returns ms */
  drain(pool: Pool, ids: readonly string[]): Promise<number>;
  close(): Promise<void>;
}

/** The front's own producer, on this benchmark's Redis. */
export function createDrainer(): Drainer {
  const backend = { kind: 'redis' as const, url: process.env.REDIS_URL ?? '' };
  const logger = pino({ level: 'silent' });
  const producer = createProducer({ jobs, backend, logger, telemetry: NO_TELEMETRY });
  producer.warm();
  return {
    async drain(pool, ids) {
      const start = performance.now();
      for (let at = 0; at < ids.length; at += 1_000) {
        for (const id of ids.slice(at, at + 1_000)) producer.enqueue('embedding', { passageIds: [id] });
        await sleep(1);
      }
      // Not oftener: on two cores the polls themselves would slow the workers that they wait for.
      while (await hasPending(pool)) await sleep(20);
      return performance.now() - start;
    },
    close: () => producer.close(),
  };
}

async function hasPending(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ left: boolean }>({
    name: 'left',
    text: 'SELECT EXISTS (SELECT FROM passages WHERE embedded_at IS NULL) AS left',
  });
  return rows[0]?.left ?? false;
}
