import type { PrismaClient } from '../generated/prisma/client.js';
import { clipText } from '../text/clip-text.js';
import type { ListedMemory, ListFilter, MemoryList } from './report-types.js';

/** Of a memory's text: more than a line of a terminal shows, in UTF-16 units. */
const MAX_EXCERPT = 300;

/** The newest live memories of a project, with their authors. */
export async function listMemories(
  prisma: PrismaClient,
  projectId: string,
  { kind, since, author: writtenBy, limit }: Omit<ListFilter, 'since'> & { since: Date | null },
): Promise<MemoryList> {
  const [row] = await prisma.$queryRaw<{ now: Date }[]>`SELECT now() AS now`;
  const now = row?.now ?? new Date();
  const live = {
    project_id: projectId,
    superseded_by: null,
    forgotten_at: null,
    ...(since && { created_at: { gte: since } }),
    ...(writtenBy !== null && {
      author: writtenByFilter(writtenBy),
    }),
  };
  const newest = { orderBy: [{ created_at: 'desc' as const }, { id: 'desc' as const }], take: limit };
  const author = { select: { id: true, name: true, client: true, person: true } } as const;
  const kinds = {
    stash: async () => {
      const where = { ...live, OR: [{ expires_at: null }, { expires_at: { gt: now } }] };
      const select = { id: true, name: true, summary: true, created_at: true, author } as const;
      const rows = await prisma.stash.findMany({ where, select, ...newest });
      return rows.map((stash) => list('stash', stash, stash.name, stash.summary));
    },
    insight: async () => {
      const select = { id: true, key: true, content: true, created_at: true, author } as const;
      const rows = await prisma.insight.findMany({ where: live, select, ...newest });
      return rows.map((insight) => list('insight', insight, insight.key, insight.content));
    },
    decision: async () => {
      const select = { id: true, topic: true, decision: true, created_at: true, author } as const;
      const rows = await prisma.decision.findMany({ where: live, select, ...newest });
      return rows.map((decision) => list('decision', decision, decision.topic, decision.decision));
    },
  };
  const lists = await Promise.all(kind ? [kinds[kind]()] : Object.values(kinds).map((read) => read()));
  const memories = lists.flat().sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || compare(b.id, a.id));
  return { memories: memories.slice(0, limit), now };
}

interface Author {
  id: string;
  name: string;
  client: string | null;
  person: string | null;
}

function list(
  kind: ListedMemory['kind'],
  { id, author, created_at: createdAt }: { id: string; author: Author | null; created_at: Date },
  name: string | null,
  text: string,
): ListedMemory {
  const excerpt = clipText(text, MAX_EXCERPT).replace(/\s+/g, ' ').trim();
  // As the tools name an author: by its client and whose it is, since an agent's own name is another's later on.
  const by = author && { id: author.id, name: nameAuthor(author) };
  return { kind, id, name, excerpt, author: by, createdAt };
}

function nameAuthor({ name, client, person }: Author): string {
  return person === null ? (client ?? name) : `${client ?? name} of ${person}`;
}

/** By the agent's id, or by the name under which its memories are shown. */
function writtenByFilter(writtenBy: string) {
  const named = { equals: literally(writtenBy), mode: 'insensitive' as const };
  return { OR: [{ id: writtenBy }, { client: named }, { client: null, name: named }] };
}

/** Prisma compares in any case by ILIKE, to which these are patterns. */
function literally(name: string): string {
  return name.replace(/[\\%_]/g, '\\$&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
