import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type HookedClient, startHookedClient } from '../processes/hooked-client.js';
import { childEnvironment, type EnvironmentChange } from '../setup/environment.js';
import type { Act, Agent, Folders, Room, Step } from './day-types.js';

/** What was seen of a step, in the terms of its expected outcome. */
export interface Seen {
  verdict: 'passes' | 'denied' | 'warned' | 'told';
  names: Agent[];
  notices: Partial<Record<Agent, string>>;
  /** All that was printed and said, for a person who reads a failure. */
  said: string;
}

export interface PlayedRoom {
  play(step: Step): Promise<Seen>;
  close(): Promise<void>;
}

/** Notices that concern a file of the agent, in contrast to what others announce. */
const KINDS = new Set(['shell_write', 'lock_lost', 'guard_override']);
/** A message of the guard, in contrast to its name in the list of a manager of hooks. */
const OUR_WORDS = /PopStash(:| refuses| can't| did not)/;
/** Commands of git that write files before they commit; the day has nothing uncommitted then. */
const MOVES = /git (cherry-pick|revert|am|merge|rebase|update-ref)/;
/** Git without any hook, to undo what a step has done. */
const NO_HOOKS = ['-c', 'core.hooksPath=/dev/null'];
const CLIENTS: Readonly<Record<Agent, string>> = { ann: 'claude-code', bob: 'cursor-vscode', cleo: 'cline' };

/** Opens a room's repositories and agents: real processes, git, hooks and guards. */
export async function openRoom(room: Room, env: EnvironmentChange): Promise<PlayedRoom> {
  const folders = await room.create(env);
  const [home = ''] = Object.values(folders);
  const agents = new Map<Agent, Worker>();
  for (const [agent, folder] of Object.entries(room.opened) as [Agent, string][]) {
    const cwd = place(folder, folders);
    const client = await startHookedClient({ env, cwd, name: CLIENTS[agent] });
    await client.hook('session-start', { source: 'startup' });
    agents.set(agent, { client, cwd, task: `${agent} has no task` });
  }
  let calls = 0;

  async function playAgents(worker: Worker, act: Act): Promise<Omit<Seen, 'names' | 'notices'>> {
    const { client, cwd } = worker;
    switch (act.kind) {
      case 'start': {
        const files = act.files.map((file) => place(file, folders));
        const answer = await client.call<{ locks?: { acquired: string[]; conflicts: unknown[] } }>('start_task', {
          task: act.task,
          files,
        });
        worker.task = act.task;
        const isDenied = (answer.locks?.conflicts.length ?? 0) > 0;
        return { verdict: isDenied ? 'denied' : 'passes', said: isDenied ? JSON.stringify(answer) : '' };
      }
      case 'end':
        await client.call('end_task', { summary: 'done' });
        return { verdict: 'passes', said: '' };
      case 'stop':
        await client.hook('stop');
        return { verdict: 'passes', said: '' };
      case 'edit':
        return await playEdit(client, resolve(cwd, place(act.file, folders)), `day_${calls++}`);
      case 'run':
        return await playCommand(client, cwd, place(act.command, folders), `day_${calls++}`);
    }
  }

  function playPerson(act: Act): Omit<Seen, 'names' | 'notices'> {
    if (act.kind === 'edit') {
      write(resolve(home, place(act.file, folders)));
      return { verdict: 'passes', said: '' };
    }
    if (act.kind !== 'run') throw new Error('a person has no task');
    const options = { cwd: home, env: childEnvironment(env), encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', place(act.command, folders)], options);
    return readVerdict(status, `${stdout}${stderr}`);
  }

  return {
    async play({ by, act, outcome }) {
      const heads = Object.values(folders).map((folder) => [folder, readHead(folder)] as const);
      const worker = by === 'person' ? undefined : agents.get(by);
      const seen = worker ? await playAgents(worker, act) : playPerson(act);
      const notices: Seen['notices'] = {};
      for (const [name, { client }] of agents) {
        const { notices: told = [] } = await client.call<{ notices?: { kind: string }[] }>('ping');
        const own = told.filter(({ kind }) => KINDS.has(kind)).map(({ kind }) => kind);
        if (own.length > 0) notices[name] = own.join(', ');
      }
      const names = [...agents].filter(([, { task }]) => seen.said.includes(task)).map(([name]) => name);
      if (outcome.verdict === 'denied' && act.kind === 'run') {
        // What was to be refused leaves nothing behind, whether it was refused or not.
        for (const [folder, head] of heads) goBack(folder, head, MOVES.test(act.command));
        // Git may have written the files before it was refused the commit: then their holder is told, with good reason.
        for (const name of outcome.names) if (notices[name] === 'shell_write') delete notices[name];
      }
      return { ...seen, names, notices };
    },
    async close() {
      for (const { client } of agents.values()) await client.close();
    },
  };
}

interface Worker {
  client: HookedClient;
  cwd: string;
  /** Unique words that a denial names it by. */
  task: string;
}

async function playEdit(client: HookedClient, file: string, call: string): Promise<Omit<Seen, 'names' | 'notices'>> {
  const use = { tool_name: 'Edit', tool_input: { file_path: file }, tool_use_id: call };
  const { said } = await client.hook('pre-tool-use', use);
  const { permissionDecision, permissionDecisionReason, additionalContext } = said?.hookSpecificOutput ?? {};
  if (permissionDecision === 'deny') return { verdict: 'denied', said: permissionDecisionReason };
  write(file);
  const after = await client.hook('post-tool-use', use);
  return { verdict: additionalContext ? 'warned' : 'passes', said: `${additionalContext ?? ''}${after.stdout}` };
}

async function playCommand(
  client: HookedClient,
  cwd: string,
  command: string,
  call: string,
): Promise<Omit<Seen, 'names' | 'notices'>> {
  const use = { tool_name: 'Bash', tool_input: { command }, tool_use_id: call };
  await client.hook('pre-tool-use', use);
  const { code, stdout, stderr } = await client.run(command, cwd);
  const { said } = await client.hook('post-tool-use', {
    ...use,
    hook_event_name: code === 0 ? 'PostToolUse' : 'PostToolUseFailure',
  });
  const shown = readVerdict(code, `${stdout}${stderr}`);
  const told: string = said?.reason ?? said?.hookSpecificOutput?.additionalContext ?? '';
  if (!told.includes('held by')) return shown;
  return { verdict: shown.verdict === 'denied' ? 'denied' : 'told', said: `${shown.said}${told}` };
}

function readVerdict(code: number | null, output: string): Omit<Seen, 'names' | 'notices'> {
  const isOurs = OUR_WORDS.test(output);
  if (code !== 0 && !isOurs) throw new Error(`the command failed by itself (${code}): ${output}`);
  return { verdict: code !== 0 ? 'denied' : isOurs ? 'warned' : 'passes', said: isOurs ? output : '' };
}

function write(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `line ${Math.random()}\n`);
}

/** `{name}` stands for a folder. */
function place(text: string, folders: Folders): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => folders[name] ?? whole);
}

function readHead(folder: string): string {
  return git(folder, 'rev-parse', '--verify', '-q', 'HEAD').trim();
}

function goBack(folder: string, head: string, isWhole: boolean): void {
  if (head === '') return;
  for (const operation of ['cherry-pick', 'revert', 'rebase', 'am', 'merge']) git(folder, operation, '--abort');
  git(folder, 'reset', '-q', ...(isWhole || readHead(folder) !== head ? ['--hard'] : ['--mixed']), head);
}

function git(folder: string, ...args: string[]): string {
  try {
    return execFileSync('git', [...NO_HOOKS, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
      encoding: 'utf8',
    });
  } catch {
    return '';
  }
}
