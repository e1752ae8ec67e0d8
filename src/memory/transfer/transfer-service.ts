import type { Actor } from '../../actor/actor.js';
import { AppError } from '../../errors.js';
import { isIdOf } from '../../text/ids.js';
import { type AuthorRepository, deriveId } from '../authors/author-repository.js';
import type { MemoryWriteDeps } from '../memory-deps.js';
import { retryOnConflict } from '../retry-conflict.js';
import type { ExportRepository } from './export-repository.js';
import type { ImportedRow, ImportRepository } from './import-repository.js';
import type { KnownRepository } from './known-repository.js';
import { type PlannedRow, planImport } from './plan-import.js';
import { type PreparedRecord, prepareRecord } from './prepare-records.js';
import type { ImportOutcome, ImportRecord } from './transfer-types.js';
import type { UndoRepository } from './undo-repository.js';

/** Passages of one job. */
const MAX_JOB_PASSAGES = 100;
/** Imports that a list names. */
const MAX_RUNS = 100;

export interface UndoOutcome {
  id: string;
  removed: number;
  revived: number;
  /** Memories that somebody has edited since. */
  kept: number;
}

export interface TransferDeps extends MemoryWriteDeps {
  authors: AuthorRepository;
  known: KnownRepository;
  imports: ImportRepository;
  undos: UndoRepository;
  exports: ExportRepository;
}

export type TransferService = ReturnType<typeof createTransferService>;

/** Memory going out of a project, and coming in from other places. */
export function createTransferService(deps: TransferDeps) {
  const { authors, known, imports, undos, exports, redactor, enqueueEmbedding } = deps;

  function embed(passageIds: readonly string[]): void {
    for (let from = 0; from < passageIds.length; from += MAX_JOB_PASSAGES) {
      enqueueEmbedding(passageIds.slice(from, from + MAX_JOB_PASSAGES));
    }
  }

  async function write(project: { id: string; root: string }, importId: string, rows: readonly PlannedRow[]) {
    const authored = rows.map((row) => ({ ...row, author: identifyAuthor(project.id, row.record) }));
    const named = new Map(authored.flatMap(({ author }) => (author ? [[author.id, author] as const] : [])));
    await authors.know(project, [...named.values()], 'import');
    const written: ImportedRow[] = authored.map(({ author, ...row }) => ({ ...row, authorId: author?.id ?? null }));
    return await imports.insert(project.id, importId, written);
  }

  return {
    /** Begins an import that writes. @returns its id, for `importSome`, `finish` and `undo` */
    async begin(project: { id: string; root: string }, run: { source: string; origin: string; importedBy: string }) {
      await authors.know(project, [], 'import');
      return await imports.begin(project.id, run);
    },

    /**
     * Imports records, or only says what would become of them.
     * @param importId null: nothing is written
     */
    async importSome(
      project: { id: string; root: string },
      importId: string | null,
      records: readonly ImportRecord[],
    ): Promise<ImportOutcome[]> {
      if (importId !== null && !(await imports.isOpen(project.id, importId))) throw notFound(importId);
      const prepared: PreparedRecord[] = [];
      for (const record of records) prepared.push(await prepareRecord(redactor, record));
      const usable = prepared.flatMap((each) => ('record' in each ? [each.record] : []));
      return await retryOnConflict('What is imported', async () => {
        const { outcomes, rows } = planImport(prepared, await known.findKnown(project.id, usable));
        if (importId !== null && rows.length > 0) embed(await write(project, importId, rows));
        return outcomes;
      });
    },

    /** Logs an import. @returns how many memories it wrote */
    finish: (actor: Actor, importId: string) => imports.finish(actor.projectId, importId, actor.agentId),

    listImports: (projectId: string) => imports.list(projectId, MAX_RUNS),

    /**
     * Takes back what an import wrote, and nothing that was written since.
     * @param importId the latest import, if left out
     * @throws AppError `not_found`
     */
    async undo(actor: Actor, importId: string | null): Promise<UndoOutcome> {
      const { projectId, agentId } = actor;
      const id = importId ?? (await imports.list(projectId, 1))[0]?.id;
      if (id === undefined || !(await imports.isOpen(projectId, id))) throw notFound(importId);
      const outcome: UndoOutcome = { id, removed: 0, revived: 0, kept: 0 };
      for (;;) {
        const part = await undos.removeSome(projectId, id);
        if (part.removed === 0) break;
        outcome.removed += part.removed;
        outcome.revived += part.revived;
        embed(part.passageIds);
      }
      outcome.kept = await undos.finish(projectId, id, agentId, outcome.removed);
      return outcome;
    },

    exportPage: exports.page,
    countExported: exports.count,
  };
}

function identifyAuthor(projectId: string, { author }: ImportRecord): { id: string; name: string } | null {
  if (!author) return null;
  const isOwn = author.id !== null && isIdOf('agent_', author.id);
  return { name: author.name, id: isOwn ? (author.id ?? '') : deriveId('agent_', 'author', projectId, author.name) };
}

function notFound(importId: string | null): AppError {
  return new AppError({
    code: 'not_found',
    message: importId === null ? 'Nothing was imported into this project.' : `There is no import ${importId} here.`,
    fix: 'popstash import --list names the imports that can be taken back.',
  });
}
