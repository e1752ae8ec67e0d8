// @ts-check
// node scripts/record-terminal.mjs: makes the pictures of the README, docs/pictures/*.svg, from what the built product
// really answers: two agents, hooks and git's guards, in a scratch home. No network.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import stringWidth from 'string-width';
import { drawTerminal } from './demo/terminal-svg.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const main = join(root, 'dist', 'main.js');
const home = mkdtempSync(join(tmpdir(), 'popstash-record-'));
const shop = join(home, 'shop');
const FILE = 'src/auth/session.ts';
const COLUMNS = 96;

const env = /** @type {Record<string, string>} */ ({
  ...process.env,
  DATABASE_URL: '',
  REDIS_URL: '',
  POPSTASH_PROJECT: '',
  POPSTASH_DATA_DIR: join(home, 'data'),
  HOME: home,
  TMUX_PANE: '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  PATH: `${join(home, 'bin')}:${process.env.PATH}`,
});
for (const name of Object.keys(env)) if (/^(CLAUDE|CODEX|TERM_PROGRAM|NO_COLOR)/.test(name)) delete env[name];

const ESCAPE = '\u001b';
/** @param {number} code @param {string} text */
const paint = (code, text) => `${ESCAPE}[${code}m${text}${ESCAPE}[0m`;
const comment = (/** @type {string} */ text) =>
  wrap(`# ${text}`, 2).map((line, index) => ({ text: paint(2, line), pause: index === 0 ? 1.2 : 0 }));
const typed = (/** @type {string} */ text) => ({ text: `${paint(32, '$')} ${paint(1, text)}`, pause: 0.8 });
const agentSays = (/** @type {string} */ text) => ({ text: `${paint(36, '●')} ${text}`, pause: 0.8 });

/** @typedef {{ text: string, pause?: number }} Said */

/** Lines of the product, with the scratch home as ~. @param {string} output @param {string} [before] @returns {Said[]} */
function lines(output, before = '') {
  return output
    .trimEnd()
    .replaceAll(home, '~')
    .split('\n')
    .flatMap((line) => wrap(`${before}${line}`, 2))
    .map((text) => ({ text, pause: 0.08 }));
}

/** @param {string} line @param {number} indent of further lines, besides that of the first */
function wrap(line, indent) {
  const begin = /^ */.exec(line)?.[0] ?? '';
  const [first = '', ...words] = line.slice(begin.length).split(' ');
  const out = [];
  let current = begin + first;
  for (const word of words) {
    if (stringWidth(`${current} ${word}`) > COLUMNS) {
      out.push(current);
      current = `${begin}${' '.repeat(indent)}${word}`;
    } else current = `${current} ${word}`;
  }
  return [...out, current];
}

/** A command as a person's terminal shows it: in colour, at the picture's width. @param {string} command */
function inTerminal(command) {
  const shell = `stty cols ${COLUMNS}; ${command}`;
  const { stdout } = spawnSync('script', ['-qec', shell, '/dev/null'], {
    cwd: shop,
    env: { ...env, TERM: 'xterm-256color' },
    encoding: 'utf8',
    input: '',
  });
  return stdout.replaceAll('\r', '');
}

/** @param {string} name */
async function openAgent(name) {
  const script = join(root, 'scripts', 'demo', 'agent-process.mjs');
  const child = spawn(process.execPath, [script, main, name], { cwd: shop, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout });
  /** @param {object} order @returns {Promise<any>} */
  const ask = async (order) => {
    child.stdin.write(`${JSON.stringify(order)}\n`);
    const [line] = await once(answers, 'line');
    return JSON.parse(line);
  };
  await ask({ tool: 'ping' });
  return { ask, close: () => child.stdin.end(), ended: once(child, 'exit') };
}

/** What Claude Code sends to its hooks. @param {string} event @param {string} tool @param {object} input @param {string} [session] */
const payload = (event, tool, input, session = 'second') => ({
  hook_event_name: event,
  session_id: session,
  cwd: shop,
  tool_name: tool,
  tool_use_id: `${tool} 1`,
  tool_input: input,
});

function prepare() {
  mkdirSync(join(shop, dirname(FILE)), { recursive: true });
  mkdirSync(join(home, 'bin'));
  writeFileSync(join(home, 'bin', 'popstash'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, {
    mode: 0o755,
  });
  writeFileSync(join(shop, FILE), 'export const LIFE = 30;\n');
  const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: shop, env, stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  git('config', 'user.name', 'dev');
  git('config', 'user.email', 'dev@example.invalid');
  git('add', '-A');
  git('commit', '-qm', 'first');
  execFileSync(process.execPath, [main, 'init', '--client', 'claude', '--yes'], { cwd: shop, env, stdio: 'pipe' });
  const settings = JSON.parse(readFileSync(join(shop, '.claude', 'settings.json'), 'utf8'));
  return (/** @type {'PreToolUse' | 'PostToolUse'} */ event) => settings.hooks[event][0].hooks[0].command;
}

/** On a busy machine a hook may get no verdict in time. @param {() => Promise<any>} edit @returns {Promise<string>} */
async function untilDenied(edit) {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const said = (await edit())?.hookSpecificOutput;
    if (said?.permissionDecision === 'deny') return said.permissionDecisionReason;
  }
  throw new Error('the edit was not denied');
}

/** @returns {Promise<{ denial: Said[], session: Said[] }>} */
async function record() {
  const hook = prepare();
  const first = await openAgent('claude-code');
  const task = 'Move sessions to Redis';
  await first.ask({ tool: 'start_task', args: { task, files: [FILE] } });
  const own = payload('PreToolUse', 'Edit', { file_path: join(shop, FILE) }, 'first');
  await first.ask({ hook: hook('PreToolUse'), input: own });
  await first.ask({
    tool: 'decide',
    args: {
      topic: 'sessions',
      decision: 'Sessions live 15 minutes and are renewed by use.',
      reasoning: 'Stolen ones die soon.',
    },
  });
  const second = await openAgent('claude-code');
  await second.ask({ tool: 'start_task', args: { task: 'Fix the log-out bug' } });

  const reason = await untilDenied(() =>
    second.ask({ hook: hook('PreToolUse'), input: payload('PreToolUse', 'Edit', { file_path: join(shop, FILE) }) }),
  );
  const command = `printf 'export const LIFE = 15;\\n' > ${FILE} && git commit -qam "Log out at once"`;
  await second.ask({ hook: hook('PreToolUse'), input: payload('PreToolUse', 'Bash', { command }) });
  const commit = await second.ask({ shell: command });
  await second.ask({ hook: hook('PostToolUse'), input: payload('PostToolUse', 'Bash', { command }) });
  if (commit.status === 0) throw new Error('the commit was not refused');

  const status = inTerminal('popstash status');
  await first.ask({ tool: 'end_task', args: { summary: 'Sessions are in Redis now.' } });
  const again = await second.ask({
    hook: hook('PreToolUse'),
    input: payload('PreToolUse', 'Edit', { file_path: join(shop, FILE) }),
  });
  if (again?.hookSpecificOutput?.permissionDecision === 'deny') throw new Error('the file is free and was denied');
  const asked = { query: 'how long until somebody is logged out?' };
  const recalled = await second.ask({ tool: 'recall', args: asked });
  const hit = recalled.results[0];
  if (!hit) throw new Error('nothing was recalled');
  for (const agent of [first, second]) {
    agent.close();
    await agent.ended;
  }

  const denial = [
    agentSays(`${paint(1, 'Update')}(${FILE})`),
    ...lines(`Error: ${reason}`, '  ').map(({ text }, index) => ({
      text: index === 0 ? paint(31, text) : text,
      pause: 0.1,
    })),
  ];
  const session = [
    ...comment(`agent 1 called start_task("${task}", ["${FILE}"]) and works. Agent 2 does not know:`),
    ...denial,
    ...comment('it tries the shell. The commit is refused too, by git itself:'),
    agentSays(`${paint(1, 'Bash')}(sed … && git commit -am "Log out at once")`),
    ...lines(commit.stderr, '  '),
    ...comment('you look:'),
    typed('popstash status'),
    ...lines(status),
    ...comment('agent 1 ends its task, or dies: the file is free within two seconds. And what it decided stays known:'),
    agentSays(`${paint(1, 'recall')}("${asked.query}")`),
    ...lines(`${hit.kind} ${hit.topic ?? hit.key ?? ''} (match ${hit.match_score}): ${hit.content}`, '  '),
  ];
  return { denial, session };
}

/** @param {string} name @param {string} title @param {string} description @param {Said[]} said @param {boolean} isMoving */
function write(name, title, description, said, isMoving) {
  let at = 0;
  const drawn = said.map(({ text, pause = 0 }) => {
    at += isMoving ? pause : 0;
    return { text, at };
  });
  const folder = join(root, 'docs', 'pictures');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), drawTerminal({ title, description, columns: COLUMNS, lines: drawn }));
  process.stdout.write(`docs/pictures/${name}: ${drawn.length} lines, ${at.toFixed(1)} s\n`);
}

try {
  const { denial, session } = await record();
  write(
    'denial.svg',
    'An edit of a held file is denied',
    'What an agent reads when it edits a file that another one holds.',
    denial,
    false,
  );
  write(
    'session.svg',
    'two agents, one file',
    'Two agents work on one file: the edit and the commit of the second are refused, and it finds what the first decided.',
    session,
    true,
  );
} finally {
  spawnSync(process.execPath, [main, 'down'], { env, stdio: 'ignore' });
  rmSync(home, { recursive: true, force: true });
}
