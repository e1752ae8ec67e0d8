import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool } from 'pg';
import { resolveTime } from '../accountability/costs/resolve-time.js';
import { PrismaClient } from '../generated/prisma/client.js';
import { listMemories } from './list-memories.js';
import type { Reports } from './report-types.js';

/**
 * Reports over a pool that is open: of a server, or of the embedded database. Import this file only where a person has
 * asked a question.
 */
export function openReports(pool: Pool): Reports {
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  return {
    async listMemories(projectId, { since, ...filter }) {
      const from = since && (await resolveTime(pool, since.text, since.timezone));
      return await listMemories(prisma, projectId, { ...filter, since: from });
    },
    close: () => prisma.$disconnect(),
  };
}
