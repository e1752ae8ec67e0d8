import type { ProcessInfo } from './process-tree.js';

/** Shells, which a client may wrap around a command it runs. */
const SHELLS = new Set([
  'sh',
  'bash',
  'dash',
  'ash',
  'zsh',
  'ksh',
  'mksh',
  'fish',
  'busybox',
  'cmd',
  'powershell',
  'pwsh',
]);
/** Programs that run another one instead of themselves, or as their only child. */
const LAUNCHERS = new Set([
  ...['npx', 'npm', 'pnpm', 'pnpx', 'yarn', 'bunx', 'corepack', 'volta-shim', 'mise', 'asdf', 'direnv'],
  ...['env', 'timeout', 'nice', 'nohup', 'setsid', 'stdbuf', 'time'],
]);
const RUNTIMES = new Set(['node', 'nodejs', 'bun']);
const LAUNCHER_SCRIPTS = /^(npx|npm|pnpm|pnpx|yarn|corepack)(-cli)?(\.c?js)?$/;
/** Programs that adopt processes whose parent has ended. */
const ADOPTERS = /^(init|systemd|launchd|dumb-init|tini|docker-init|containerd-shim.*)\b/;
/** Ancestors of everything: that two processes share one tells nothing. */
const HOSTS = /^(init|systemd|launchd|tmux|screen|zellij|login|sshd|dumb-init|tini|docker-init|containerd-shim.*)\b/;

/**
 * Whether a process only stands between a client and what it started: a shell with something to run, npx and the like,
 * PopStash's own processes. An interactive shell does not: several clients may have been started from it.
 */
export function isWrapper({ command }: ProcessInfo): boolean {
  const name = programName(command[0]);
  if (SHELLS.has(name)) return command.slice(1).some((word) => !/^-(?!\w*c$)/.test(word));
  if (LAUNCHERS.has(name) || name === 'popstash') return true;
  return RUNTIMES.has(name) && isLauncherScript(command.slice(1));
}

/** @param words the command line after `node` */
function isLauncherScript(words: string[]): boolean {
  const at = words.findIndex((word) => !word.startsWith('-'));
  const script = programName(words[at]);
  if (LAUNCHER_SCRIPTS.test(script) || script === 'popstash') return true;
  return script === 'hook.cjs' || (script === 'main.js' && /^(mcp|hook|guard)$/.test(words[at + 1] ?? ''));
}

/** `/usr/bin/node` → node, `-bash` → bash, `npm exec x` (a process title that npm sets) → npm. */
function programName(word: string | undefined): string {
  const base = (word ?? '').replaceAll('\\', '/').split('/').at(-1) ?? '';
  return (
    base
      .replace(/^-/, '')
      .replace(/\.(exe|cmd)$/i, '')
      .split(' ')[0] ?? ''
  ).toLowerCase();
}

/** Whether a process adopts those whose parent has ended. @param name of its program */
export function isAdopter(pid: number, name: string): boolean {
  return pid <= 1 || ADOPTERS.test(programName(name));
}

/** Whether a process can be a client: one that runs agents and their hooks as its children. */
export function canBeClient(process: ProcessInfo): boolean {
  const name = programName(process.command[0]);
  return process.pid > 1 && !SHELLS.has(name) && !HOSTS.test(name) && !isWrapper(process);
}

export interface MatchOptions {
  /** Part of the client's program name: where its command line has it, its helpers may start hooks too. */
  calledAs: string;
  /** Whether any process may stand between the client and the asking process: anything that it runs may commit. */
  anyDescendant: boolean;
}

/**
 * Finds the client that started both the asking process and the agent's process: their nearest common ancestor. If
 * another program stands between that ancestor and the agent, that program is the agent's client, and the ancestor is a
 * terminal, an editor or the system.
 * @param asking the asking process and its ancestors, nearest first
 * @param agent the agent's process and its ancestors, nearest first
 * @returns the number of steps from the asking process up to the client; null when there is no such client
 */
export function findSharedClient(asking: ProcessInfo[], agent: ProcessInfo[], options: MatchOptions): number | null {
  const position = new Map(agent.map((process, index) => [process.pid, index]));
  const distance = asking.findIndex((process) => position.has(process.pid));
  const shared = asking[distance];
  if (!shared || distance === 0) return null;
  const index = position.get(shared.pid) ?? 0;
  if (index === 0 || !canBeClient(shared)) return null;
  if (!agent.slice(1, index).every(isWrapper)) return null;
  if (options.anyDescendant || namesClient(shared, options.calledAs)) return distance;
  return asking.slice(1, distance).every(isWrapper) ? distance : null;
}

export function namesClient({ command }: ProcessInfo, calledAs: string): boolean {
  return command.slice(0, 2).some((word) => programName(word).includes(calledAs));
}
