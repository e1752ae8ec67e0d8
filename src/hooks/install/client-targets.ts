import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HookEvent } from '../../ipc/control-protocol.js';
import { dropEmpty, editJson, type Json, listIn, objectIn } from './edit-json.js';
import type { ClientName, Invocation, Target } from './install-types.js';
import { shellCommand } from './shell-command.js';

/** Seconds that a client waits for a hook at most; the hook itself gives up long before. */
const TIMEOUT_SECONDS = 10;
const OUR_HOOK = /\bhook(?:\.cjs)? (pre-tool-use|post-tool-use|session-start|session-end|stop|subagent-stop)\b/;
const OUR_PROGRAM = /popstash|main\.js|hook\.cjs/;

const CLAUDE_TOOLS = 'Edit|Write|MultiEdit|NotebookEdit|Bash';
const CLAUDE_HOOKS: [name: string, event: HookEvent, matcher?: string][] = [
  ['SessionStart', 'session-start'],
  ['PreToolUse', 'pre-tool-use', CLAUDE_TOOLS],
  ['PostToolUse', 'post-tool-use', CLAUDE_TOOLS],
  // A command that fails may have written before.
  ['PostToolUseFailure', 'post-tool-use', 'Bash'],
  ['Stop', 'stop'],
  ['SubagentStop', 'subagent-stop'],
  ['SessionEnd', 'session-end'],
];
const CURSOR_TOOLS = 'Write|Edit|StrReplace|Delete|EditNotebook|Shell';
const CURSOR_HOOKS: [name: string, event: HookEvent, matcher?: string][] = [
  ['sessionStart', 'session-start'],
  ['preToolUse', 'pre-tool-use', CURSOR_TOOLS],
  ['postToolUse', 'post-tool-use', CURSOR_TOOLS],
  ['postToolUseFailure', 'post-tool-use', 'Shell'],
  ['stop', 'stop'],
  ['subagentStop', 'subagent-stop'],
  ['sessionEnd', 'session-end'],
];
/** Names of files that Cline looks for. */
const CLINE_HOOKS: [name: string, event: HookEvent][] = [
  ['TaskStart', 'session-start'],
  ['PreToolUse', 'pre-tool-use'],
  ['PostToolUse', 'post-tool-use'],
  ['TaskComplete', 'stop'],
  ['TaskCancel', 'session-end'],
];

/** What a client reads in a project, and for Cline, which knows no servers of a project, in its own folder. */
export function clientTargets(client: ClientName, worktree: string, home: string, start: Invocation): Target[] {
  switch (client) {
    case 'claude': {
      const settings = join(worktree, '.claude', 'settings.json');
      return [
        serverTarget(join(worktree, '.mcp.json'), start),
        within(
          [dirname(settings)],
          hooksTarget(settings, (hooks) => addClaudeHooks(hooks, start), false),
        ),
      ];
    }
    case 'cursor': {
      const folder = join(worktree, '.cursor');
      return [
        serverTarget(join(folder, 'mcp.json'), start),
        hooksTarget(join(folder, 'hooks.json'), (hooks) => addCursorHooks(hooks, start), true),
      ].map((target) => within([folder], target));
    }
    case 'cline': {
      const folder = join(worktree, '.clinerules', 'hooks');
      return [
        ...clineSettings(home).map((path) => serverTarget(path, start)),
        ...CLINE_HOOKS.map(([name, event]) => clineHook(join(folder, name), event, start)).map((target) =>
          within([folder, dirname(folder)], target),
        ),
      ];
    }
  }
}

function within(folders: readonly string[], target: Target): Target {
  return { ...target, folders };
}

function serverTarget(path: string, { program, env }: Invocation): Target {
  const [command, ...args] = program;
  const entry = { command, args: [...args, 'mcp'], ...(Object.keys(env).length > 0 && { env }) };
  return {
    path,
    isExecutable: false,
    add: (before) =>
      editJson(before, (value) => {
        objectIn(value, 'mcpServers').popstash = entry;
        return value;
      }),
    remove: (content) =>
      removeFromJson(content, (value) => {
        delete objectIn(value, 'mcpServers').popstash;
        dropEmpty(value, 'mcpServers');
      }),
  };
}

function hooksTarget(path: string, add: (hooks: Json) => void, isVersioned: boolean): Target {
  return {
    path,
    isExecutable: false,
    add: (before) =>
      editJson(before, (value) => {
        if (isVersioned) value.version ??= 1;
        add(objectIn(value, 'hooks'));
        return value;
      }),
    remove: (content) =>
      removeFromJson(content, (value) => {
        const hooks = objectIn(value, 'hooks');
        for (const name of Object.keys(hooks)) {
          hooks[name] = listIn(hooks, name).filter((entry) => !isOurs(entry));
          dropEmpty(hooks, name);
        }
        dropEmpty(value, 'hooks');
        if (isVersioned && Object.keys(value).join() === 'version') delete value.version;
      }),
  };
}

function addClaudeHooks(hooks: Json, start: Invocation): void {
  for (const [name, event, matcher] of CLAUDE_HOOKS) {
    const hook = { type: 'command', command: hookCommand(event, 'claude', start), timeout: TIMEOUT_SECONDS };
    place(hooks, name, { ...(matcher !== undefined && { matcher }), hooks: [hook] });
  }
}

function addCursorHooks(hooks: Json, start: Invocation): void {
  for (const [name, event, matcher] of CURSOR_HOOKS) {
    place(hooks, name, {
      command: hookCommand(event, 'cursor', start),
      ...(matcher !== undefined && { matcher }),
      timeout: TIMEOUT_SECONDS,
    });
  }
}

/** In the place of our own earlier entry, else behind those of others. */
function place(hooks: Json, name: string, entry: Json): void {
  const list = listIn(hooks, name);
  const at = list.findIndex(isOurs);
  if (at === -1) list.push(entry);
  else list[at] = entry;
}

/** An entry, or a group of entries, with no command but ours. */
function isOurs(entry: unknown): boolean {
  const { command, hooks } = (entry ?? {}) as { command?: unknown; hooks?: unknown };
  if (Array.isArray(hooks)) return hooks.length > 0 && hooks.every(isOurs);
  return typeof command === 'string' && OUR_HOOK.test(command) && OUR_PROGRAM.test(command);
}

function clineHook(path: string, event: HookEvent, start: Invocation): Target {
  const script = `#!/bin/sh\n# Installed by popstash init.\nexec ${hookCommand(event, 'cline', start)}\n`;
  return {
    path,
    isExecutable: true,
    add(before) {
      if (before !== null && !isClineHookOfOurs(before)) {
        throw new Error(`it exists already; call this in it: ${hookCommand(event, 'cline', start)}`);
      }
      return script;
    },
    remove: (content) => (isClineHookOfOurs(content) ? null : content),
  };
}

function isClineHookOfOurs(content: string): boolean {
  return content.includes('# Installed by popstash init.');
}

function hookCommand(event: HookEvent, client: ClientName, { hook, flags }: Invocation): string {
  return shellCommand([...hook, event, ...(client === 'claude' ? [] : ['--client', client]), ...flags]);
}

function removeFromJson(content: string, edit: (value: Json) => void): string | null {
  const text = editJson(content, (value) => {
    edit(value);
    return value;
  });
  return text.trim() === '{}' ? null : text;
}

/** Cline's list of servers, of each editor that has it and of its command line. */
function clineSettings(home: string): string[] {
  const below = join('User', 'globalStorage', 'saoudrizwan.claude-dev', 'settings', 'cline_mcp_settings.json');
  const roots = [join(home, '.config'), join(home, 'Library', 'Application Support'), join(home, 'AppData', 'Roaming')];
  const editors = ['Code', 'Code - Insiders', 'VSCodium', 'Cursor', 'Windsurf'];
  const places = [
    ...roots.flatMap((root) => editors.map((editor) => join(root, editor, below))),
    join(home, '.cline', 'data', 'settings', 'cline_mcp_settings.json'),
  ];
  return places.filter((path) => existsSync(dirname(path)));
}
