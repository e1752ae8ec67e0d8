// F25: what the model of a real Claude Code reads when PopStash denies, warns or tells, each time in the request after it.
import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CLAUDE_CODE, type ClaudeRun, openClaude, runClaude, startClaude } from '../../support/clients/claude-code.js';
import { countTurns, findTold } from '../../support/clients/messages-api.js';
import type { ModelScript, ModelStep, ToolUse } from '../../support/clients/model-script.js';
import { createUserMachine, type UserMachine, useClient } from '../../support/clients/real-client.js';
import { type ScriptedModel, startScriptedModel } from '../../support/clients/scripted-model.js';
import { type HookedClient, startHookedClient } from '../../support/processes/hooked-client.js';
import { runCommand } from '../../support/processes/processes.js';
import { waitUntil } from '../../support/setup/wait-until.js';

const TIMEOUT_MS = 5 * 60_000;
const TASK = 'Refactor the login';

const call = (tool: string, input: Record<string, unknown> = {}): ToolUse => ({
  name: `mcp__popstash__${tool}`,
  input,
});
const read = (file: string): ToolUse => ({ name: 'Read', input: { file_path: file } });
const edit = (file: string, by = 'mine'): ToolUse => ({
  name: 'Edit',
  input: { file_path: file, old_string: 'export', new_string: `/* ${by} */ export` },
});
const bash = (command: string): ToolUse => ({ name: 'Bash', input: { command } });
const use = (...tools: ToolUse[]): ModelStep => ({ tools });
const delegate = (prompt: string): ToolUse => ({
  name: 'Agent',
  input: { description: 'help', prompt, subagent_type: 'general-purpose', run_in_background: false },
});

/** Something that a test lets happen when it is time. */
function createGate() {
  const events = new EventEmitter();
  const passed = once(events, 'open');
  const wait = (): Promise<unknown> => passed;
  const open = async () => void events.emit('open');
  /** Opens this one, then waits for another one. */
  const openAndWait = (other: { wait(): Promise<unknown> }) => async () => {
    await open();
    await other.wait();
  };
  return { open, wait, openAndWait };
}
const NEVER = { wait: () => new Promise(() => undefined) };

describe('Claude Code', () => {
  let machine: UserMachine;
  let command: string;
  let holder: HookedClient;
  const file = () => join(machine.project, 'a.ts');
  const content = (path = file()) => readFileSync(path, 'utf8');

  beforeEach(async ({ skip }) => {
    command = await useClient(skip, CLAUDE_CODE);
    machine = createUserMachine();
    mkdirSync(join(machine.home, '.claude'));
    const init = await runCommand(['init', '--client', 'claude', '--yes'], { env: machine.env, cwd: machine.project });
    expect(init.code, init.stderr).toBe(0);
    // Another agent holds the file.
    holder = await startHookedClient({ env: machine.env, cwd: machine.project, name: 'cursor-vscode' });
    await holder.call('start_task', { task: TASK, files: ['a.ts'] });
  });

  afterEach(async () => {
    await holder?.close();
  });

  interface Window {
    run: ClaudeRun;
    model: ScriptedModel;
    /** What the model was told after so many turns. */
    told(turns: number, words?: string): string;
  }

  /** A window with a model of its own. */
  async function prepare(
    steps: ModelStep[],
    change: Partial<ClaudeRun> & Pick<ModelScript, 'by'> = {},
  ): Promise<Window> {
    const { by, ...rest } = change;
    const model = await startScriptedModel({ steps, ...(by && { by }) });
    const run = { command, prompt: 'PARENT work', cwd: machine.project, home: machine.home, modelUrl: model.url };
    return {
      model,
      run: { ...run, env: machine.env, ...rest },
      told: (turns, words = 'PARENT') => findTold(model.requests, words, turns) ?? 'no such request',
    };
  }

  async function work(...[steps, change]: Parameters<typeof prepare>): Promise<Window> {
    const window = await prepare(steps, change);
    const result = await runClaude(window.run);
    expect(result.is_error, result.result).toBe(false);
    return window;
  }

  test('an edit of a held file is denied, with holder, task and what to do', { timeout: TIMEOUT_MS }, async () => {
    const before = content();
    const { told } = await work([use(read(file())), use(edit(file()))]);
    expect(told(2)).toContain('"is_error":true');
    expect(told(2)).toContain(`a.ts is held by`);
    expect(told(2)).toContain(`task "${TASK}"`);
    expect(told(2)).toContain('ask the user: only a person can free it');
    expect(content()).toBe(before);
  });

  test('a shell command that wrote a held file is told so', { timeout: TIMEOUT_MS }, async () => {
    const { told } = await work([use(bash('true')), use(bash('echo x >> a.ts'))]);
    expect(told(1)).not.toContain(TASK);
    expect(told(2)).toContain('changed while your command ran');
    expect(told(2)).toContain(`a.ts: held by`);
    expect(told(2)).toContain(TASK);
  });

  test('a commit of a held file is refused, and no command frees it', { timeout: TIMEOUT_MS }, async () => {
    const identity = '-c user.name=a -c user.email=a@b';
    const { told } = await work([
      use(bash(`echo x >> a.ts; git ${identity} commit -qam x`)),
      use(bash(`POPSTASH_OVERRIDE=now git ${identity} commit -qam x`)),
    ]);
    for (const turn of [1, 2]) {
      expect(told(turn)).toContain('PopStash refuses this commit');
      expect(told(turn)).toContain(TASK);
      expect(told(turn)).not.toContain('--force');
    }
    expect(told(2)).toContain('POPSTASH_OVERRIDE is for people');
  });

  test('two sub-agents exclude each other, and not their parent', { timeout: TIMEOUT_MS }, async () => {
    await holder.call('end_task', { summary: 'done' });
    const [written, tried] = [createGate(), createGate()];
    const { told } = await work(
      [
        use(call('start_task', { task: 'With helpers' })),
        use(read(file())),
        use(delegate('HELPER-ONE edits'), delegate('HELPER-TWO edits')),
        use(edit(file(), 'parent')),
      ],
      {
        by: {
          'HELPER-ONE': [
            use(read(file())),
            use(edit(file(), 'first')),
            { waitFor: written.openAndWait(tried), text: 'done' },
          ],
          'HELPER-TWO': [
            { waitFor: written.wait, ...use(read(file())) },
            use(edit(file(), 'second')),
            { waitFor: tried.open, text: 'done' },
          ],
        },
      },
    );
    expect(told(2, 'HELPER-ONE')).not.toContain('is held by');
    expect(told(2, 'HELPER-TWO')).toContain('a.ts is held by');
    expect(content()).toContain('first');
    expect(content()).not.toContain('second');
    expect(told(4)).not.toContain('is held by');
  });

  test('two windows: what one holds is denied to the other, until it ends', { timeout: TIMEOUT_MS }, async () => {
    await holder.call('end_task', { summary: 'done' });
    const [held, denied, ended] = [createGate(), createGate(), createGate()];
    const first = work([
      use(call('start_task', { task: 'Mine first', files: ['a.ts'] })),
      { waitFor: held.openAndWait(denied), ...use(call('end_task', { summary: 'done' })) },
      { waitFor: ended.open, text: 'done' },
    ]);
    const second = await work([
      { waitFor: held.wait, ...use(read(file())) },
      use(edit(file())),
      { waitFor: denied.openAndWait(ended), ...use(edit(file())) },
    ]);
    await first;
    expect(second.told(2)).toContain('task "Mine first"');
    expect(second.told(3)).not.toContain('is held by');
    expect(content()).toContain('mine');
  });

  test('opened in a sub-folder it reads no hooks of the project: start_task says so', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const cwd = join(machine.project, 'packages');
    mkdirSync(cwd);
    const { told } = await work([use(call('start_task', { task: 'From below' }))], { cwd, servers: '../.mcp.json' });
    expect(told(1)).toContain('"unguarded":true');
  });

  test('after init --user an edit from a sub-folder is denied too', { timeout: TIMEOUT_MS }, async () => {
    const cwd = join(machine.project, 'packages');
    mkdirSync(cwd);
    const init = ['init', '--user', '--client', 'claude', '--yes'];
    expect((await runCommand(init, { env: machine.env, cwd: machine.project })).code).toBe(0);
    const before = content();
    const { told } = await work([use(read(file())), use(edit(file())), use(call('start_task', { task: 'x' }))], {
      cwd,
      servers: null,
    });
    expect(told(2)).toContain('a.ts is held by');
    expect(told(3)).not.toContain('"unguarded":true');
    expect(content()).toBe(before);
  });

  test('a worktree of its own: the edit passes, with a warning', { timeout: TIMEOUT_MS }, async () => {
    const cwd = join(machine.home, 'feature');
    execFileSync('git', ['add', '-A'], { cwd: machine.project });
    const commit = [
      '-c',
      'core.hooksPath=/dev/null',
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@b',
      'commit',
      '-qm',
      'init',
    ];
    execFileSync('git', commit, { cwd: machine.project });
    execFileSync('git', ['worktree', 'add', '-q', '-b', 'feature', cwd], { cwd: machine.project, stdio: 'pipe' });
    const own = join(cwd, 'a.ts');
    const { told } = await work([use(read(own)), use(edit(own))], { cwd });
    expect(told(2)).toContain('a.ts is also locked by');
    expect(told(2)).toContain(TASK);
    expect(told(2)).toContain(machine.project);
    expect(content(own)).toContain('mine');
  });

  test('a session that is resumed is denied as before, and told its own task', { timeout: TIMEOUT_MS }, async () => {
    const first = await prepare([use(call('start_task', { task: 'Half done', files: ['b.ts'] }))]);
    const { session_id: session } = await runClaude(first.run);
    // The conversation goes on behind the turns that it has had.
    const before = countTurns(first.model.requests);
    const past = Array.from({ length: before }, (): ModelStep => ({ text: 'past' }));
    const resumed = await prepare([...past, use(read(file())), use(edit(file()))], {
      more: ['--resume', session],
      prompt: 'RESUMED work',
    });
    await runClaude(resumed.run);
    expect(resumed.told(before + 2)).toContain('a.ts is held by');
    expect(resumed.told(before)).toContain('Half done');
  });

  test('a call that its user cancels leaves nothing behind', { timeout: TIMEOUT_MS }, async () => {
    const asked = createGate();
    const waits = { task: 'Waits for it', files: ['a.ts'], wait_seconds: 50 };
    const { run, told, model } = await prepare([
      { ...use(call('start_task', waits)), waitFor: asked.open },
      use(call('who_is_working')),
    ]);
    const window = openClaude(run);
    await asked.wait();
    await waitUntil(() => isQueued(machine), 'the call to wait for the file');
    window.interrupt();
    await waitUntil(async () => !(await isQueued(machine)), 'the wait to be given up');
    await holder.call('end_task', { summary: 'done' });
    window.say('Who works?');
    await waitUntil(() => findTold(model.requests, 'PARENT', 2), 'the answer of who_is_working');
    await window.close();
    expect(told(2)).not.toContain('Waits for it');
    const granted = await holder.call<{ acquired: unknown[] }>('acquire', { patterns: ['a.ts'] });
    expect(granted.acquired).toHaveLength(1);
  });

  test('what a window held that was killed is free for the next', { timeout: TIMEOUT_MS }, async () => {
    await holder.call('end_task', { summary: 'done' });
    const held = createGate();
    const first = await prepare([
      use(call('start_task', { task: 'Will be killed', files: ['a.ts'] })),
      { waitFor: held.openAndWait(NEVER), text: 'never' },
    ]);
    const killed = startClaude(first.run);
    await held.wait();
    const steps = [use(read(file())), use(edit(file()))];
    expect((await work(steps)).told(2)).toContain('Will be killed');
    killed.child.kill('SIGKILL');
    await waitUntil(async () => {
      const { stdout } = await runCommand(['locks'], { env: machine.env, cwd: machine.project });
      return stdout.includes('No file is locked.');
    }, 'its lock to be free');
    const { told } = await work(steps);
    expect(told(2)).not.toContain('is held by');
    expect(content()).toContain('mine');
  });
});

async function isQueued({ env, project }: UserMachine): Promise<boolean> {
  const { stdout } = await runCommand(['locks'], { env, cwd: project });
  return /wait/i.test(stdout);
}
