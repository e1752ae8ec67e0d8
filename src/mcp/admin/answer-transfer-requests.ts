import { identifyCaller, type MemoryAnswering } from './answer-memory-requests.js';
import type { TransferAnswer, TransferRequest, TransferRequestName } from './transfer-protocol.js';

/** How each request about exports and imports is answered. */
export const transferAnswers: {
  [Name in TransferRequestName]: (
    context: MemoryAnswering,
    request: TransferRequest<Name>,
  ) => Promise<TransferAnswer<Name>>;
} = {
  async beginImport({ services, project }, { params: { source, origin, by } }) {
    return { id: await services.transfer.begin(project, { source, origin, importedBy: by }) };
  },

  async importRecords({ services, project }, { params: { importId, records } }) {
    const given = records.map((record) => ({
      ...record,
      createdAt: readTime(record.createdAt),
      expiresAt: readTime(record.expiresAt),
      supersededAt: readTime(record.supersededAt),
    }));
    return { outcomes: await services.transfer.importSome(project, importId, given) };
  },

  async finishImport(context, { params: { importId, ...caller } }) {
    return { written: await context.services.transfer.finish(await identifyCaller(context, caller), importId) };
  },

  async listImports({ services, project }) {
    return { imports: await services.transfer.listImports(project.id) };
  },

  async undoImport(context, { params: { importId, ...caller } }) {
    return await context.services.transfer.undo(await identifyCaller(context, caller), importId);
  },

  async exportPage({ services, project }, { params: { after, history } }) {
    const position = after && { ...after, at: new Date(after.at) };
    const [{ records, next }, count] = await Promise.all([
      services.transfer.exportPage(project.id, position, history),
      after === null ? services.transfer.countExported(project.id, history) : null,
    ]);
    return {
      records,
      next: next && { ...next, at: next.at.toISOString() },
      count,
      project: { id: project.id, root: project.root },
    };
  },
};

function readTime(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
