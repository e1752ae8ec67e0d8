import { linkSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Scope } from '../../../src/hooks/install/launcher/find-invocation.js';
import { createFolder } from '../setup/folders.js';
import { put } from './install-in-place.js';

/** A repository and its user's home folder, and what writes into them. */
export interface SetUpPlace {
  worktree: string;
  home: string;
  git(...args: string[]): void;
  here(path: string, content: string | Buffer, mode?: number): void;
  atHome(path: string, content: string | Buffer, mode?: number): void;
  /** Writes a file that can be run. */
  hook(path: string, content: string | Buffer): void;
}

const crlf = (text: string) => text.replaceAll('\n', '\r\n');

const JSONC = '// ours\n{\n  /* first */ "a": 1, // one\n  "list": [1, 2,],\n}\n';
const TOML = '# mine\nmodel = "x" # why\n\n[mcp_servers.other]\ncommand = "o" # other\nargs = [\n  "a", # first\n]\n';
const HOOKS = JSON.stringify({
  hooks: { PreToolUse: [{ matcher: 'Bash', hooks: [{ type: 'command', command: 'mine' }] }] },
});

export interface SetUp {
  what: string;
  make(place: SetUpPlace): void;
  scope?: Scope;
  ownHooks?: boolean;
  /** Files that are left alone, below the project or the home folder. */
  refused?: string[];
  /** Without the receipt not every byte is as before: what is said of it here. */
  withoutReceipt?: string;
}

/** Repositories and home folders as others have them. */
export const SET_UPS: SetUp[] = [
  { what: 'nothing', make: () => undefined },
  { what: 'nothing, for this machine', scope: 'local', make: () => undefined },
  { what: 'no repository', make: ({ worktree }) => rmSync(join(worktree, '.git'), { recursive: true }) },
  {
    what: 'husky, not installed yet',
    make({ here }) {
      here('package.json', '{"devDependencies":{"husky":"9"}}');
      here('.husky/pre-commit', 'npm test\n');
    },
  },
  {
    what: 'husky, installed',
    make({ here, hook, git }) {
      here('package.json', '{"devDependencies":{"husky":"9"}}');
      here('.husky/pre-commit', 'npm test');
      here('.husky/_/h', '#!/usr/bin/env sh\n', 0o755);
      hook('.husky/_/pre-commit', '#!/usr/bin/env sh\n. "$(dirname "$0")/h"');
      git('config', 'core.hooksPath', '.husky/_');
    },
  },
  {
    what: 'lefthook with a local file',
    make({ here }) {
      here('lefthook.yml', 'pre-commit:\n  commands:\n    test:\n      run: npm test\n');
      here('lefthook-local.yml', crlf('# mine\npre-commit:\n  commands:\n    own: # why\n      run: true\n'));
    },
  },
  {
    what: 'pre-commit with comments and CRLF',
    make: ({ here }) =>
      here(
        '.pre-commit-config.yaml',
        crlf('# team\nrepos:\n  - repo: https://x # why\n    rev: v1\n    hooks:\n      - id: y\n'),
      ),
  },
  {
    what: 'Latin-1 rules',
    make: ({ here }) => here('CLAUDE.md', Buffer.from('# Gr\xfc\xdfe\n', 'latin1')),
    refused: ['CLAUDE.md'],
  },
  {
    what: 'Latin-1 hooks',
    make: ({ hook }) => hook('.git/hooks/pre-commit', Buffer.from('#!/bin/sh\n# gr\xfcn\nexit 0\n', 'latin1')),
    refused: ['.git/hooks/pre-commit'],
  },
  {
    what: 'Latin-1 hook of another language',
    make: ({ hook }) => hook('.git/hooks/pre-push', Buffer.from('#!/usr/bin/env python3\n# gr\xfcn\n', 'latin1')),
    refused: ['.git/hooks/pre-push'],
  },
  {
    what: 'UTF-16 lists of servers, with a mark and without',
    make({ here }) {
      here('.mcp.json', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('{"mcpServers":{}}', 'utf16le')]));
      here('.cursor/mcp.json', Buffer.from('{"mcpServers":{}}', 'utf16le'));
    },
    refused: ['.mcp.json', '.cursor/mcp.json'],
  },
  {
    what: 'comments, trailing commas, CRLF and a byte order mark',
    make({ here }) {
      for (const path of ['.mcp.json', '.claude/settings.json', '.vscode/mcp.json', '.zed/settings.json'])
        here(path, `\ufeff${crlf(JSONC)}`);
      here('opencode.jsonc', JSONC);
      here('.gemini/settings.json', crlf(JSONC));
    },
  },
  {
    what: 'JSON on one line, and without a line end',
    withoutReceipt: 'a file that held nothing is gone',
    make({ here }) {
      here('.mcp.json', '{"mcpServers":{"other":{"command":"o"}}}');
      here('.claude/settings.json', HOOKS);
      here('.cursor/hooks.json', '{"version":1,"hooks":{}}');
    },
  },
  { what: 'no JSON', make: ({ here }) => here('.mcp.json', '{"mcpServers": {'), refused: ['.mcp.json'] },
  {
    what: 'hooks that are no list',
    make: ({ here }) => here('.claude/settings.json', '{"hooks":{"Stop":{}}}'),
    refused: ['.claude/settings.json'],
  },
  { what: 'TOML with comments', make: ({ here }) => here('.codex/config.toml', TOML) },
  {
    what: 'TOML with CRLF, a byte order mark and no last line end',
    withoutReceipt: 'its line end stays',
    make: ({ here }) => here('.codex/config.toml', `\ufeff${crlf(TOML).trimEnd()}`),
  },
  {
    what: 'TOML with another table of that name',
    make: ({ here }) => here('.codex/config.toml', '[mcp_servers.popstash]\ncommand = "own"\n'),
    refused: ['.codex/config.toml'],
  },
  {
    what: 'TOML with all servers in one line',
    make: ({ here }) => here('.codex/config.toml', 'mcp_servers = { other = { command = "o" } }\n'),
    refused: ['.codex/config.toml'],
  },
  {
    what: 'links within the repository',
    withoutReceipt: 'a file that held nothing is gone',
    make({ here, worktree }) {
      here('docs/agents.md', '# Rules\n');
      symlinkSync('docs/agents.md', join(worktree, 'AGENTS.md'));
      symlinkSync('AGENTS.md', join(worktree, 'CLAUDE.md'));
      here('config/claude/settings.json', '{}\n');
      symlinkSync('config/claude', join(worktree, '.claude'));
    },
  },
  {
    what: 'links out of the repository',
    make({ worktree }) {
      const outside = createFolder();
      put(outside, 'rules.md', '# Others\n');
      symlinkSync(join(outside, 'rules.md'), join(worktree, 'CLAUDE.md'));
      symlinkSync(outside, join(worktree, '.cursor'));
    },
    refused: ['CLAUDE.md', '.cursor/mcp.json', '.cursor/hooks.json'],
  },
  {
    what: 'dangling links, within the repository and out of it',
    make({ worktree }) {
      symlinkSync('gone.md', join(worktree, 'AGENTS.md'));
      symlinkSync('/gone/rules.md', join(worktree, 'CLAUDE.md'));
    },
    refused: ['CLAUDE.md'],
  },
  {
    what: 'links in the place of hooks, and a dangling one',
    make({ here, worktree }) {
      here('scripts/check.sh', '#!/bin/sh\nexit 0\n', 0o755);
      symlinkSync('../../scripts/check.sh', join(worktree, '.git/hooks/pre-commit'));
      symlinkSync('../../scripts/gone.sh', join(worktree, '.git/hooks/pre-push'));
    },
  },
  {
    what: 'a hook of another language',
    make: ({ hook }) => hook('.git/hooks/pre-commit', '#!/usr/bin/env python3\nprint("mine")\n'),
  },
  {
    what: 'a hook without a run bit',
    make: ({ here }) => here('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n'),
    withoutReceipt: 'its run bit stays',
  },
  {
    what: 'global hooks',
    make({ atHome }) {
      const hooks = createFolder();
      put(hooks, 'pre-commit', '#!/bin/sh\n', 0o755);
      atHome('.gitconfig', `[core]\n\thooksPath = ${hooks}\n`);
    },
  },
  {
    what: 'global hooks, and hooks of its own',
    ownHooks: true,
    make({ atHome }) {
      const hooks = createFolder();
      put(hooks, 'pre-commit', '#!/bin/sh\n', 0o755);
      atHome('.gitconfig', `[core]\n\thooksPath = ${hooks}\n`);
    },
  },
  {
    what: 'a folder of hooks in the worktree',
    make({ hook, git }) {
      hook('my hooks/pre-commit', '#!/bin/sh\necho mine\n');
      git('config', 'core.hooksPath', 'my hooks');
    },
  },
  {
    what: 'lists of ignored files without a last line end',
    scope: 'local',
    make({ here }) {
      here('.git/info/exclude', '# mine\n*.log');
      here('.mcp.json', '{}');
    },
    withoutReceipt: 'its line end stays',
  },
  {
    what: 'files that a team has committed, for this machine',
    scope: 'local',
    make({ here, git }) {
      here('.mcp.json', '{ "mcpServers": {} }\n');
      here('.claude/settings.json', '{}\n');
      git('add', '-A');
      git('commit', '-qm', 'x');
    },
    refused: ['.mcp.json', '.claude/settings.json'],
  },
  {
    what: 'files with a second name',
    make({ here, worktree }) {
      here('CLAUDE.md', '# Mine\n');
      linkSync(join(worktree, 'CLAUDE.md'), join(worktree, 'second.md'));
    },
  },
  {
    what: 'rules with CRLF and without a last line end',
    make({ here }) {
      here('CLAUDE.md', crlf('# Mine\n\nWords'));
      here('AGENTS.md', '\ufeff# Mine\r\n');
    },
    withoutReceipt: 'its line end stays',
  },
  {
    what: 'a home with settings of every client',
    withoutReceipt: 'a file that held nothing is gone',
    scope: 'user',
    make({ atHome }) {
      atHome('.claude.json', '{"numStartups":3,"projects":{}}');
      atHome('.claude/settings.json', HOOKS);
      atHome('.cursor/mcp.json', `${JSONC}`);
      atHome('.codex/config.toml', crlf(TOML));
      atHome('.config/opencode/opencode.json', '{ "model": "x" }');
      atHome('.config/Claude/claude_desktop_config.json', '{\n\t"mcpServers": {}\n}');
      atHome('.config/Code/User/settings.json', '{}');
      atHome('.codeium/windsurf/mcp_config.json', '{}');
      atHome('.config/zed/settings.json', JSONC);
    },
  },
  { what: 'an empty home', scope: 'user', make: () => undefined },
  {
    what: 'a home in Latin-1 and with a link out of it',
    scope: 'user',
    make({ atHome, home }) {
      atHome('.codex/config.toml', Buffer.from('# gr\xfcn\n', 'latin1'));
      mkdirSync(join(home, '.claude'));
      symlinkSync('/gone/settings.json', join(home, '.claude/settings.json'));
    },
    refused: ['.codex/config.toml', '.claude/settings.json'],
  },
];
