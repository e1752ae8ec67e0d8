// Payloads as each client sends them before an edit, and the denial as it reads it.
import { describe, expect, test } from 'vitest';
import { findRunner } from '../../../src/hooks/ask/find-runner.js';
import { findFormat, formats } from '../../../src/hooks/clients/formats/format-list.js';
import type { HookFormat } from '../../../src/hooks/definition/hook-format.js';
import { createToolReader } from '../../../src/hooks/definition/read-tool.js';

const readTool = createToolReader(formats.map(({ tools }) => tools));
const PATCH = '*** Begin Patch\n*** Update File: a.ts\n@@\n-a\n+b\n*** Add File: b.ts\n+b\n*** End Patch\n';

function format(name: string): HookFormat {
  const found = findFormat(name);
  if (!found) throw new Error(`no form ${name}`);
  return found;
}

interface Recorded {
  client: string;
  what: string;
  payload: Record<string, unknown>;
  files: string[];
  session?: string;
  /** What the client looks at in the answer. */
  denial: Record<string, unknown>;
}

const CLAUDES = { hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'deny' } };
const VS_CODE = {
  timestamp: '2026-02-09T10:30:00.000Z',
  cwd: '/w',
  sessionId: 's1',
  hookEventName: 'PreToolUse',
  transcript_path: '/t.json',
  tool_use_id: 'tool-123',
};
const COPILOT = { sessionId: 's1', timestamp: 1_704_614_400_000, cwd: '/w' };
const CODEX = { session_id: 's1', turn_id: 't', cwd: '/w', hook_event_name: 'PreToolUse', tool_use_id: 'c1' };

const RECORDED: Recorded[] = [
  {
    client: 'copilot',
    what: 'VS Code, files',
    files: ['src/main.ts'],
    denial: CLAUDES,
    session: 's1',
    payload: { ...VS_CODE, tool_name: 'editFiles', tool_input: { files: ['src/main.ts'] } },
  },
  {
    client: 'copilot',
    what: 'VS Code, a new file',
    files: ['/w/a.ts'],
    denial: CLAUDES,
    payload: { ...VS_CODE, tool_name: 'create_file', tool_input: { filePath: '/w/a.ts', content: 'x' } },
  },
  {
    client: 'copilot',
    what: 'VS Code, a replacement',
    files: ['/w/a.ts'],
    denial: CLAUDES,
    payload: {
      ...VS_CODE,
      tool_name: 'replace_string_in_file',
      tool_input: { filePath: '/w/a.ts', oldString: 'a', newString: 'b' },
    },
  },
  {
    client: 'copilot',
    what: 'VS Code, several replacements',
    files: ['/w/a.ts', '/w/b.ts'],
    denial: CLAUDES,
    payload: {
      ...VS_CODE,
      tool_name: 'multi_replace_string_in_file',
      tool_input: { explanation: 'x', replacements: [{ filePath: '/w/a.ts' }, { filePath: '/w/b.ts' }] },
    },
  },
  {
    client: 'copilot',
    what: 'VS Code, a patch',
    files: ['a.ts', 'b.ts'],
    denial: CLAUDES,
    payload: { ...VS_CODE, tool_name: 'apply_patch', tool_input: { input: PATCH, explanation: 'x' } },
  },
  {
    client: 'copilot',
    what: 'VS Code, fields in snake_case',
    files: ['/w/a.ts'],
    denial: CLAUDES,
    session: 's1',
    payload: {
      hook_event_name: 'PreToolUse',
      session_id: 's1',
      timestamp: '2026-10-14T10:30:00.000Z',
      cwd: '/w',
      tool_name: 'Edit',
      tool_input: { path: '/w/a.ts' },
    },
  },
  {
    client: 'copilot',
    what: 'its command line, JSON in a text',
    files: ['/w/a.ts'],
    denial: { permissionDecision: 'deny' },
    session: 's1',
    payload: { ...COPILOT, toolName: 'edit', toolArgs: '{"path":"/w/a.ts","old_str":"a","new_str":"b"}' },
  },
  {
    client: 'copilot',
    what: 'its command line, an object',
    files: ['/w/a.ts'],
    denial: { permissionDecision: 'deny' },
    payload: { ...COPILOT, toolName: 'create', toolArgs: { path: '/w/a.ts', file_text: 'x' } },
  },
  {
    client: 'copilot',
    what: 'its command line, a patch',
    files: ['a.ts', 'b.ts'],
    denial: { permissionDecision: 'deny' },
    payload: { ...COPILOT, toolName: 'apply_patch', toolArgs: JSON.stringify({ input: PATCH }) },
  },
  {
    client: 'codex',
    what: 'a patch in command',
    files: ['a.ts', 'b.ts'],
    denial: CLAUDES,
    session: 's1',
    payload: { ...CODEX, tool_name: 'apply_patch', tool_input: { command: PATCH } },
  },
  {
    client: 'codex',
    what: 'a patch in input',
    files: ['a.ts', 'b.ts'],
    denial: CLAUDES,
    payload: { ...CODEX, tool_name: 'apply_patch', tool_input: { input: PATCH } },
  },
  {
    client: 'codex',
    what: 'a patch in a command of the shell',
    files: ['a.ts', 'b.ts'],
    denial: CLAUDES,
    payload: { ...CODEX, tool_name: 'Bash', tool_input: { command: `apply_patch <<'EOF'\n${PATCH}EOF` } },
  },
  {
    client: 'opencode',
    what: 'an edit',
    files: ['/w/a.ts'],
    denial: {},
    session: 'ses_1',
    payload: {
      hook_event_name: 'tool.execute.before',
      session_id: 'ses_1',
      tool_use_id: 'c',
      tool_name: 'edit',
      tool_input: { filePath: '/w/a.ts', oldString: 'a', newString: 'b' },
      cwd: '/w',
    },
  },
  {
    client: 'opencode',
    what: 'a patch',
    files: ['a.ts', 'b.ts'],
    denial: {},
    payload: { session_id: 'ses_1', tool_name: 'apply_patch', tool_input: { patchText: PATCH }, cwd: '/w' },
  },
  {
    client: 'devin',
    what: 'an edit',
    files: ['/w/a.ts'],
    denial: { decision: 'block' },
    session: 's1',
    payload: {
      session_id: 's1',
      hook_event_name: 'PreToolUse',
      tool_name: 'edit',
      tool_input: { file_path: '/w/a.ts' },
    },
  },
  {
    client: 'gemini',
    what: 'a replacement',
    files: ['/w/a.ts'],
    denial: { decision: 'deny' },
    session: 's1',
    payload: {
      session_id: 's1',
      transcript_path: '/t',
      cwd: '/w',
      hook_event_name: 'BeforeTool',
      timestamp: '2026-01-01T00:00:00Z',
      tool_name: 'replace',
      tool_input: { file_path: '/w/a.ts', old_string: 'a', new_string: 'b' },
    },
  },
];

describe('before an edit', () => {
  test.each(RECORDED.map((each) => [each.client, each.what, each] as const))('%s: %s', (client, _what, each) => {
    const { readPayload, writeVerdict } = format(client);
    const use = readPayload('pre-tool-use', each.payload, readTool);
    expect(use).toMatchObject({ files: each.files });
    expect(use.unchecked).toBeUndefined();
    if (each.session !== undefined) expect(use.session).toBe(each.session);
    const word = (decision: 'deny' | 'pass') =>
      writeVerdict('pre-tool-use', use.eventName, { popstash: 'verdict', decision, message: 'held by Maple' });
    expect(JSON.parse(word('deny').stdout)).toMatchObject(each.denial);
    expect(word('deny')).toMatchObject({ stdout: expect.stringContaining('held by Maple'), code: 0 });
    // Not even an allow: it would skip the client's own question to its user.
    expect(word('pass')).toEqual({ stdout: '', stderr: '', code: 0 });
  });

  test.each([
    ['copilot', { ...VS_CODE, tool_name: 'run_in_terminal', tool_input: { command: 'ls' } }],
    ['copilot', { ...VS_CODE, tool_name: 'runTerminalCommand', tool_input: { command: 'ls' } }],
    ['copilot', { ...COPILOT, toolName: 'bash', toolArgs: '{"command":"ls"}' }],
    ['codex', { ...CODEX, tool_name: 'Bash', tool_input: { command: 'ls' } }],
    ['devin', { tool_name: 'exec', tool_input: { command: 'ls' } }],
    ['gemini', { tool_name: 'run_shell_command', tool_input: { command: 'ls' } }],
    ['opencode', { tool_name: 'bash', tool_input: { command: 'ls' } }],
  ])('%s: a command, %j', (client, payload) => {
    expect(format(client).readPayload('pre-tool-use', payload, readTool)).toMatchObject({
      action: 'shell',
      command: 'ls',
    });
  });

  test.each([
    ['copilot', { ...VS_CODE, tool_name: 'read_file', tool_input: { filePath: 'a.ts' } }],
    ['copilot', { ...COPILOT, toolName: 'view', toolArgs: '{"path":"a.ts"}' }],
    ['opencode', { tool_name: 'read', tool_input: { filePath: 'a.ts' } }],
    ['gemini', { tool_name: 'read_file', tool_input: { file_path: 'a.ts' } }],
  ])('%s: what reads is no edit, %j', (client, payload) => {
    expect(format(client).readPayload('pre-tool-use', payload, readTool).action).toBeUndefined();
  });
});

describe('what an agent is told', () => {
  const tell = (client: string, event: Parameters<HookFormat['writeVerdict']>[0], eventName?: string) =>
    format(client).writeVerdict(event, eventName, { popstash: 'verdict', decision: 'tell', message: 'news' }).stdout;

  test.each([
    ['copilot', 'session-start', 'additionalContext'],
    ['copilot', 'post-tool-use', 'additionalContext'],
    ['codex', 'session-start', 'additionalContext'],
    ['codex', 'prompt-submit', 'additionalContext'],
    ['opencode', 'session-start', 'context'],
    ['opencode', 'post-tool-use', 'context'],
    ['devin', 'post-tool-use', 'additionalContext'],
    ['gemini', 'session-start', 'additionalContext'],
    ['gemini', 'prompt-submit', 'additionalContext'],
    ['gemini', 'post-tool-use', 'additionalContext'],
  ] as const)('%s hears it at %s', (client, event, field) => {
    expect(tell(client, event)).toContain(`"${field}":"news"`);
  });

  // What is said there would be lost, and a notice is delivered once.
  test.each([
    ['copilot', 'prompt-submit'],
    ['copilot', 'stop'],
    ['copilot', 'pre-tool-use'],
    ['codex', 'stop'],
    ['codex', 'subagent-stop'],
    ['opencode', 'pre-tool-use'],
    ['devin', 'pre-tool-use'],
    ['devin', 'stop'],
    ['gemini', 'pre-tool-use'],
    ['gemini', 'stop'],
  ] as const)('%s hears nothing at %s', (client, event) => {
    expect(tell(client, event)).toBe('');
  });
});

describe('who runs a hook of the files of Claude Code', () => {
  const claude = format('claude');
  const own = {
    session_id: 's',
    transcript_path: '/t',
    cwd: '/w',
    permission_mode: 'default',
    hook_event_name: 'PreToolUse',
  };
  test.each([
    ['claude', own, {}],
    ['claude', { session_id: 's', cwd: '/w', hook_event_name: 'SessionStart', source: 'startup' }, {}],
    ['cursor', { conversation_id: 'c', cursor_version: '2.4', hook_event_name: 'preToolUse' }, {}],
    ['cursor', own, { CURSOR_VERSION: '2.4' }],
    ['copilot', VS_CODE, {}],
    ['copilot', { hook_event_name: 'PreToolUse', session_id: 's', timestamp: '2026-10-14T10:30:00Z', cwd: '/w' }, {}],
    ['devin', own, { DEVIN_PROJECT_DIR: '/w' }],
  ])('%s: %j', (expected, payload, env) => {
    expect(findRunner(claude, payload, env).name).toBe(expected);
  });

  test("a hook that names its client is that client's", () => {
    expect(findRunner(format('cursor'), VS_CODE, {}).name).toBe('cursor');
  });
});
