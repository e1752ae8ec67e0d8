// @ts-check
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { answer, bold, dim, green, ms, red, say, sayWrapped, step } from './terminal.mjs';

const FILE = 'src/auth/token.ts';
const AGENT = fileURLToPath(new URL('agent-process.mjs', import.meta.url));

/** @typedef {{ do: (order: object) => Promise<any>, close: () => Promise<void> }} Window */

/**
 * An agent edits a file that another one holds: in the same folder it is denied, in a worktree of its own it is warned.
 * @param {string} main the built command @param {Record<string, string>} env @param {string} folder for the repository
 */
export async function showDenials(main, env, folder) {
  step('7. Locks count: the client itself denies the edit of a held file.');
  const repository = createRepository(join(folder, 'app'));
  if (repository === null) return say(dim('  Left out: git is not installed here.'));
  const hook = installHooks(main, env, repository);
  const holder = await openWindow('cursor', main, env, repository);
  const windows = [holder];
  try {
    const task = 'Rotate the signing keys';
    const [{ agent_id }, took] = await timed(holder.do({ tool: 'start_task', args: { task, files: [FILE] } }));
    answer(`${green('cursor')} (${agent_id}) has ${bold(FILE)}`, took);

    const claude = await openWindow('claude-code', main, env, repository);
    windows.push(claude);
    await showEdit(claude, hook, repository);

    step('8. A worktree is a copy: the edit goes on, with a warning.');
    const worktree = join(folder, 'app-login');
    execFileSync('git', ['worktree', 'add', '-q', '-b', 'login', worktree], { cwd: repository, stdio: 'pipe' });
    const other = await openWindow('claude-code', main, env, worktree);
    windows.push(other);
    await showEdit(other, hook, worktree);
  } finally {
    await Promise.all(windows.map((window) => window.close()));
  }
}

/** Prints what the client shows of an edit. @param {Window} window @param {string} command of its hook @param {string} cwd */
async function showEdit(window, command, cwd) {
  const input = {
    hook_event_name: 'PreToolUse',
    session_id: cwd,
    cwd,
    tool_name: 'Edit',
    tool_use_id: `edit ${cwd}`,
    tool_input: { file_path: join(cwd, FILE) },
  };
  const [said, took] = await timed(window.do({ hook: command, input }));
  const { permissionDecision, permissionDecisionReason, additionalContext } = said.hookSpecificOutput;
  const isDenied = permissionDecision === 'deny';
  say(`  ${green('claude-code')} ${isDenied ? red('●') : green('●')} Update(${FILE})  ${dim(ms(took))}`);
  sayWrapped(isDenied ? `Error: ${permissionDecisionReason}` : additionalContext, '    ⎿ ', '      ');
}

/** A repository with the file, and its first commit; null where there is no git. @param {string} folder */
function createRepository(folder) {
  mkdirSync(dirname(join(folder, FILE)), { recursive: true });
  writeFileSync(join(folder, FILE), 'export const token = 1;\n');
  const identity = ['-c', 'user.name=demo', '-c', 'user.email=demo@example.invalid'];
  try {
    for (const args of [
      ['init', '-q', '-b', 'main'],
      ['add', '-A'],
      [...identity, 'commit', '-qm', 'first'],
    ])
      execFileSync('git', args, { cwd: folder, stdio: 'pipe' });
    return folder;
  } catch {
    return null;
  }
}

/** Connects Claude Code by `popstash init`. @returns the command that it then runs before an edit @param {string} main @param {Record<string, string>} env @param {string} cwd */
function installHooks(main, env, cwd) {
  execFileSync(process.execPath, [main, 'init', '--client', 'claude', '--yes'], { cwd, env, stdio: 'pipe' });
  const settings = JSON.parse(readFileSync(join(cwd, '.claude', 'settings.json'), 'utf8'));
  say(`  ${dim('popstash init')} has written into .claude/settings.json what Claude Code runs`);
  say('  before each edit:');
  return settings.hooks.PreToolUse[0].hooks[0].command;
}

/** @param {string} name @param {string} main @param {Record<string, string>} env @param {string} cwd @returns {Promise<Window>} */
async function openWindow(name, main, env, cwd) {
  const child = spawn(process.execPath, [AGENT, main, name], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout });
  const window = {
    /** @param {object} order */
    async do(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const [line] = await once(answers, 'line');
      return JSON.parse(line);
    },
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
  // So that no time of its start is taken for that of an answer.
  await window.do({ tool: 'ping' });
  return window;
}

/** @template T @param {Promise<T>} work @returns {Promise<[T, number]>} */
async function timed(work) {
  const start = performance.now();
  return [await work, performance.now() - start];
}
