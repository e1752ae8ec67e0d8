import { MAX_NAMED_FILES, type ShellWriteFacts } from '../../coordination/notices/notice-types.js';
import type { HookVerdict } from '../../ipc/control-protocol.js';
import { maskPattern } from '../../text/mask-secrets.js';
import { nameFiles } from '../../text/name-files.js';
import { introduceOthers, oneLine, quoteText } from '../../text/quote-text.js';
import { type AgentFacts, createAgentWords, nameOnly } from '../../text/word-agent.js';
import type { AttributedChange } from './attribute-changes.js';
import { type GuardDeps, type HookContext, tell } from './guard-types.js';

export interface ChangeReport {
  changes: readonly AttributedChange[];
  /** Not all held files were compared. */
  isPartial: boolean;
  /** Whether only the times of a file are known to differ. */
  isUnsure(change: AttributedChange): boolean;
}

const MAX_COMMAND = 160;
/** Characters of names for each holder, and holders that one verdict names. */
const MAX_CHARS = 400;
const SHOWN_HOLDERS = 3;

/** Tells each holder what changed, and the writer whose files they are. */
export async function reportChanges(deps: GuardDeps, context: HookContext, report: ChangeReport): Promise<HookVerdict> {
  const { changes, isPartial, isUnsure } = report;
  const alone = changes.filter(({ others }) => others.length === 0);
  const shared = changes.filter(({ others }) => others.length > 0);
  const agents = await findAgents(deps, context, changes);
  await tellHolders(deps, context, agents, alone, isPartial);
  await tellHolders(deps, context, agents, shared.filter(isNews), isPartial);
  const name = createNamer(agents, context.worktree, context.agent?.id);
  const parts: string[] = [];
  if (alone.length > 0) {
    parts.push(
      `PopStash: files that another agent holds changed while your command ran:\n${describe(alone, isUnsure, name)}\n` +
        'The holder has been told. If your command did it, put them back as they were before it (not by a git checkout, ' +
        "which would also drop the holder's changes), or agree with the holder or the user before you go on.",
    );
  }
  if (shared.length > 0) {
    parts.push(
      `PopStash: held files changed while your command ran, and ${nameOthers(shared, name)} worked at the same time: each ` +
        `change may be yours or theirs.\n${describe(shared, isUnsure, name)}\n` +
        'Put nothing back unless you know that your command wrote it: ask the holder (announce) or the user.',
    );
  }
  if (isPartial) parts.push('Not all held files could be compared.');
  return tell(introduceOthers(parts.join('\n')));
}

type Agents = ReadonlyMap<string, AgentFacts>;
/** Names an agent in one text. @param task of the lock that the text is about; the agent's own when it is left out */
type NameAgent = (agentId: string | null, task?: string | null) => string;

/** All agents that the texts name. */
function findAgents(
  { agents }: GuardDeps,
  { agent }: HookContext,
  changes: readonly AttributedChange[],
): Promise<Map<string, AgentFacts>> {
  const others = changes.flatMap((change) => change.others.map(({ agentId }) => agentId));
  const ids = [agent?.id ?? null, ...changes.map(({ holder }) => holder.agentId), ...others];
  return agents.describe(ids.filter((id) => id !== null));
}

/** @param reader who reads the text: its own name is taken */
function createNamer(agents: Agents, worktree: string, reader: string | undefined): NameAgent {
  const word = createAgentWords(agents.get(reader ?? ''));
  return (agentId, task) => {
    if (agentId === null) return 'an agent that could not be told';
    const facts = agents.get(agentId) ?? nameOnly(agentId, agentId);
    return word(task === undefined ? facts : { ...facts, task }, { inWorktree: worktree });
  };
}

/** Where the command of a third agent ran at the same time and has ended, the holder was told of both then. */
function isNews({ path, holder, others }: AttributedChange): boolean {
  return !others.some(
    ({ agentId, isEdit, endedAt, changed }) =>
      agentId !== holder.agentId && !isEdit && endedAt !== null && changed?.includes(maskPattern(path)),
  );
}

async function tellHolders(
  { repository, redactor }: GuardDeps,
  context: HookContext,
  agents: Agents,
  changes: readonly AttributedChange[],
  isPartial: boolean,
): Promise<void> {
  const { agent, actor, projectId, worktree, request } = context;
  const command = oneLine((await redactor.redact(request.command ?? '')).text, MAX_COMMAND);
  const writer = { projectId, agentId: agent?.id ?? null, sessionId: actor?.sessionId ?? null };
  for (const [holder, own] of groupByHolder(changes)) {
    const paths = own.map(({ path }) => path);
    const name = createNamer(agents, worktree, holder);
    const by = agent ? { by: agent.id, by_name: name(agent.id) } : { by: 'nobody' };
    const others = nameEach(own, holder, name);
    const facts: ShellWriteFacts = {
      files: paths.slice(0, MAX_NAMED_FILES).map(maskPattern),
      count: paths.length,
      worktree,
      command,
      ...by,
      ...(others.length > 0 && { or_by: others }),
      ...(isPartial && { partial: true }),
      ...(own.every((change) => change.holder.isElsewhere) && { elsewhere: true }),
    };
    await repository.reportShellWrite(writer, holder, facts);
  }
}

/** Other agents that may have made these changes, the holder as such. */
function nameEach(changes: readonly AttributedChange[], holder: string, name: NameAgent): string[] {
  const others = changes.flatMap((change) => change.others);
  const names = others.map(({ agentId }) => (agentId === holder ? 'you' : name(agentId)));
  return [...new Set(names)].slice(0, SHOWN_HOLDERS);
}

function nameOthers(changes: readonly AttributedChange[], name: NameAgent): string {
  const others = changes.flatMap((change) => change.others);
  const names = new Map(
    others.map(({ agentId, command, isEdit }) => {
      return [agentId, `${name(agentId)} with ${isEdit ? 'an edit' : quoteText(command, MAX_COMMAND)}`];
    }),
  );
  const named = [...names.values()].slice(0, SHOWN_HOLDERS);
  const more = names.size - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more agents` : ''}`;
}

function describe(changes: readonly AttributedChange[], isUnsure: ChangeReport['isUnsure'], name: NameAgent): string {
  const groups = [...groupByHolder(changes)];
  let left = MAX_NAMED_FILES;
  const lines = groups.slice(0, SHOWN_HOLDERS).map(([id, own]) => {
    const named = own.slice(0, Math.max(left, 1));
    left -= named.length;
    const remarks = named.map((change) => (isUnsure(change) ? ' (by its times; its content was not compared)' : ''));
    const paths = named.map(({ path }) => path);
    const files = nameFiles(paths, { count: own.length, maxChars: MAX_CHARS, remarks });
    return `${files}: held by ${name(id, own[0]?.holder.task)}`;
  });
  const more = groups.slice(SHOWN_HOLDERS).reduce((count, [, own]) => count + own.length, 0);
  return [...lines, ...(more > 0 ? [`and ${more} files of other agents`] : [])].join('\n');
}

function groupByHolder(changes: readonly AttributedChange[]): Map<string, AttributedChange[]> {
  const groups = new Map<string, AttributedChange[]>();
  for (const change of changes) {
    const own = groups.get(change.holder.agentId);
    if (own) own.push(change);
    else groups.set(change.holder.agentId, [change]);
  }
  return groups;
}
