import * as z from 'zod';
import { forceRelease } from '../../coordination/locks/force-release.js';
import type { LiveLock } from '../../coordination/locks/lock-types.js';
import { translateDatabaseError } from '../../db/faults/translate-error.js';
import { AppError } from '../../errors.js';
import { findBranch } from '../../project/project-identities.js';
import type { Workplace } from '../../project/resolve-project.js';
import { type AgentFacts, createAgentWords } from '../../text/word-agent.js';
import { readPlacings } from '../schemas/read-placings.js';
import type { Services } from '../services.js';
import type { AdminContext } from './admin-context.js';
import { type AdminAnswer, type AdminRequest, type AdminRequestName, adminRequests } from './admin-protocol.js';
import { type LedgerAnswering, ledgerAnswers } from './answer-ledger-requests.js';
import { memoryAnswers } from './answer-memory-requests.js';
import { projectAnswers } from './answer-project-requests.js';
import { transferAnswers } from './answer-transfer-requests.js';

interface Answering extends Pick<LedgerAnswering, 'signal' | 'onProgress'> {
  services: Services;
  project: Workplace;
  mode: 'embedded' | 'server';
  version: string;
}

function addBranches(locks: readonly LiveLock[]): Promise<(LiveLock & { branch: string | null })[]> {
  const branchOf = async ({ worktree, holder }: LiveLock) => (await findBranch(worktree)) ?? holder.branch;
  return Promise.all(locks.map(async (lock) => ({ ...lock, branch: await branchOf(lock) })));
}

/** How each request is answered. */
const answers: {
  [Name in AdminRequestName]: (context: Answering, request: AdminRequest<Name>) => Promise<AdminAnswer<Name>>;
} = {
  async status({ services, project, mode, version }) {
    const { waiters, ...overview } = await services.status.overview(project);
    const locks = await addBranches(overview.locks);
    return { ...overview, locks, waits: waiters, mode, version, degraded: services.degraded() };
  },
  async locks({ services, project }) {
    const { waiters, locks, now } = await services.locks.list(project.id);
    return { locks: await addBranches(locks), waits: waiters, now };
  },
  async releaseLocks({ services, project }, { params }) {
    const { pid, cwd = project.worktree } = params;
    const caller = pid === undefined ? null : await services.guard.findCaller(pid, cwd);
    if (caller) throw refuseAgent(caller);
    return forceRelease(services.locks, project, params);
  },
  async restore({ services, project }, { params }) {
    const { id, version } = await services.forget.restore(project.id, params.id);
    return { restored: params.id, ...(version !== null && { as: { id, version } }) };
  },
  async list({ services, project }, { params }) {
    if (!services.reports) {
      throw new AppError({
        code: 'invalid_argument',
        message: 'A front process of server mode answers no lists.',
        fix: 'Run popstash list where DATABASE_URL is set: it reads the database itself.',
      });
    }
    return (await services.reports()).listMemories(project.id, params);
  },
  async backup({ services }, { params }) {
    if (services.backUp) return await services.backUp(params.folder);
    throw new AppError({
      code: 'invalid_argument',
      message: 'In server mode PostgreSQL is backed up by its own tools.',
      fix: 'Run pg_dump.',
    });
  },
  async checkStore({ services }) {
    if (services.checkStore) return await services.checkStore();
    throw new AppError({
      code: 'invalid_argument',
      message: 'In server mode the database is not checked through a front process.',
      fix: 'Run popstash doctor where DATABASE_URL is set.',
    });
  },
  evaluateOwn: ({ services, project, signal, onProgress }) =>
    services.feedback.evaluate(project.id, { signal, onProgress }),
  ...ledgerAnswers,
  ...memoryAnswers,
  ...transferAnswers,
  ...projectAnswers,
};

/** Requests whose parameter `by` is the person who asks. */
const NAMES_PERSON: ReadonlySet<AdminRequestName> = new Set([
  ...(['releaseLocks', 'search', 'edit', 'forget'] as const),
  ...(['beginImport', 'finishImport', 'undoImport'] as const),
]);

/** A member of a team is who their token says, whatever the command calls them. */
function nameSpeaker<Name extends AdminRequestName>(
  name: Name,
  request: AdminRequest<Name>,
  { member }: Workplace,
): AdminRequest<Name> {
  if (!member || !('params' in request) || !NAMES_PERSON.has(name)) return request;
  return { ...request, params: { ...request.params, by: member.person } };
}

function refuseAgent(caller: AgentFacts | 'unknown'): AppError {
  const who = caller === 'unknown' ? 'an agent' : createAgentWords()(caller);
  return new AppError({
    code: 'conflict',
    message: `Only a person takes a lock from its holder, and ${who} runs this command. Nothing was released.`,
    fix: 'Wait for the lock (acquire with wait_seconds), work on something else, or ask the user to free it. Your own locks: the tool release.',
  });
}

/**
 * Answers a request of the command line.
 * @returns the encoded answer, or an AppError's facts; undefined for a method that is none of these
 * @throws ZodError when the request is not as its schema says
 */
export async function answerAdminRequest(
  request: { method: string },
  context: AdminContext,
): Promise<Record<string, unknown> | undefined> {
  const names = Object.keys(adminRequests) as AdminRequestName[];
  const name = names.find((each) => adminRequests[each].request.shape.method.value === request.method);
  return name && (await answerNamed(name, request, context));
}

async function answerNamed<Name extends AdminRequestName>(
  name: Name,
  message: { method: string; params?: Record<string, unknown> },
  { ready, project, ...context }: AdminContext,
): Promise<Record<string, unknown>> {
  const { request: schema, answer: answerSchema } = adminRequests[name];
  const { params } = message;
  const given = schema.parse(message) as AdminRequest<Name>;
  try {
    const services = await ready();
    const place = readPlacings(project(), params?._meta as Record<string, unknown> | undefined);
    const answer = await answers[name]({ ...context, services, project: place }, nameSpeaker(name, given, place));
    return z.encode(answerSchema, answer) as Record<string, unknown>;
  } catch (error) {
    const translated = translateDatabaseError(error);
    if (!(translated instanceof AppError)) throw error;
    const { code, message, fix } = translated;
    return { error: { code, message, fix } };
  }
}
