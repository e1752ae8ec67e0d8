import { describe, expect, test } from 'vitest';
import { findSharedClient, isWrapper } from '../../../src/hooks/identify/match-agent.js';
import { listAncestors, type ProcessInfo, parseTable } from '../../../src/hooks/identify/process-tree.js';

const NODE = '/usr/bin/node';

/** Processes as `pid parent command line`. */
function tree(...lines: string[]) {
  const table = parseTable(lines.join('\n'));
  const chain = (pid: number) => listAncestors(pid, (id) => table.get(id) ?? null);
  return (asking: number, agent: number, client = 'claude', anyDescendant = false) => {
    const distance = findSharedClient(chain(asking), chain(agent), { calledAs: client, anyDescendant });
    return distance === null ? null : chain(asking)[distance]?.pid;
  };
}

const TERMINAL = ['1 0 /sbin/init', '10 1 tmux new', '20 10 -bash'];
const CLAUDE = [...TERMINAL, '100 20 claude', `101 100 ${NODE} /opt/popstash/dist/main.js mcp`];
const HOOK = ['110 100 /bin/sh -c popstash hook pre-tool-use', `111 110 ${NODE} /usr/bin/popstash hook pre-tool-use`];

describe('the client that started both', () => {
  test('is the parent of the hook and of the server, whatever wraps them', () => {
    expect(tree(...CLAUDE, ...HOOK)(111, 101)).toBe(100);
    const wrapped = [
      ...['1 0 init', '100 1 /home/u/.cursor/cursor', '105 100 npm exec popstash mcp', '106 105 sh -c popstash mcp'],
      ...[`107 106 ${NODE} /home/u/.npm/_npx/1/node_modules/.bin/popstash mcp`],
      ...['110 100 bash -lc popstash hook stop', `111 110 ${NODE} /usr/bin/popstash hook stop`],
    ];
    expect(tree(...wrapped)(111, 107, 'cursor')).toBe(100);
  });

  test('is none where they share a terminal, an editor or the system alone', () => {
    const neighbour = [...CLAUDE, '200 20 claude', `210 200 ${NODE} /usr/bin/popstash hook stop`];
    expect(tree(...neighbour)(210, 101)).toBeNull();
    const windows = [...CLAUDE, '21 10 -zsh', '200 21 codex', `210 200 ${NODE} /usr/bin/popstash hook stop`];
    expect(tree(...windows)(210, 101)).toBeNull();
    const orphans = ['1 0 init', `101 1 ${NODE} /usr/bin/popstash mcp`, `210 1 ${NODE} /usr/bin/popstash hook stop`];
    expect(tree(...orphans)(210, 101)).toBeNull();
    const byHand = ['1 0 init', '20 1 -bash', `101 20 ${NODE} main.js mcp`, `210 20 ${NODE} main.js hook stop`];
    expect(tree(...byHand)(210, 101)).toBeNull();
    const systemd = ['1 0 init', '2 1 /lib/systemd/systemd --user', '101 2 popstash mcp', '210 2 popstash hook stop'];
    expect(tree(...systemd)(210, 101)).toBeNull();
  });

  test('an editor that hosts one client is not the client of another one that runs in it', () => {
    const editor = ['1 0 init', '50 1 /usr/share/code/code', '60 50 /usr/share/code/code --type=utility'];
    const cline = [...editor, `61 60 ${NODE} /usr/bin/popstash mcp`];
    const claude = [...cline, '70 60 /home/u/.vscode/claude', `71 70 ${NODE} /usr/bin/popstash hook stop`];
    expect(tree(...claude)(71, 61)).toBeNull();
    expect(tree(...cline, `62 60 ${NODE} /usr/bin/popstash hook stop`)(62, 61, 'cline')).toBe(60);
  });

  test('a commit is its client’s, through whatever ran it; one of the terminal is nobody’s', () => {
    const commit = [
      ...CLAUDE,
      '120 100 /bin/bash -c make',
      '121 120 make',
      '122 121 git commit',
      '123 122 popstash guard',
    ];
    expect(tree(...commit)(123, 101, 'git', true)).toBe(100);
    expect(tree(...commit)(123, 101, 'claude', true)).toBe(100);
    const person = [...CLAUDE, '130 20 git commit', '131 130 popstash guard pre-commit'];
    expect(tree(...person)(131, 101, 'git', true)).toBeNull();
    const editor = [
      '1 0 init',
      '50 1 /usr/share/code/code',
      '60 50 /usr/share/code/code --type=utility',
      '61 60 popstash mcp',
    ];
    const terminal = [
      ...editor,
      '55 50 pty-host',
      '56 55 /bin/bash',
      '57 56 git commit',
      '58 57 popstash guard pre-commit',
    ];
    expect(tree(...terminal)(58, 61, 'git', true)).toBeNull();
  });

  test('a client that names itself may start hooks by a helper', () => {
    const helper = [...CLAUDE, '110 100 hook-runner', `111 110 ${NODE} /usr/bin/popstash hook stop`];
    expect(tree(...helper)(111, 101)).toBe(100);
    expect(tree(...helper)(111, 101, 'cursor')).toBeNull();
    const squad = ['1 0 init', '30 1 claude-squad', '100 30 claude', '101 100 popstash mcp', '200 30 claude'];
    expect(tree(...squad, '201 200 popstash hook stop')(201, 101)).toBeNull();
  });
});

test.each([
  ['sh -c x', true],
  ['/bin/bash script.sh', true],
  ['bash -lc x', true],
  ['-bash', false],
  ['zsh -l', false],
  ['bash --login -i', false],
  ['npx popstash', true],
  ['node /usr/lib/node_modules/npm/bin/npx-cli.js popstash mcp', true],
  ['node --enable-source-maps /x/dist/main.js mcp', true],
  ['node /x/dist/main.js serve', false],
  ['node /x/cli.js', false],
  ['claude', false],
])('%s: stands between, %s', (command, expected) => {
  const info: ProcessInfo = { pid: 7, parent: 1, command: command.split(' ') };
  expect(isWrapper(info)).toBe(expected);
});
