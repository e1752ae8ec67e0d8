import type { Pool } from 'pg';
import type { Closer } from '../../async/closer.js';
import type { OpenReports, Reports } from '../../reports/report-types.js';

/** Reports that are loaded and opened at the first question, over a pool that stays open as long as they. */
export function createLazyReports(pool: Pool, closer: Closer): OpenReports {
  let reports: Promise<Reports> | null = null;
  closer.add('reports', async () => await (await reports)?.close());
  return () => {
    reports ??= import('../../reports/open-reports.js').then(({ openReports }) => openReports(pool));
    return reports;
  };
}
