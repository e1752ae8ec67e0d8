import { describe, expect, test } from 'vitest';
import {
  cleanId,
  identifyClient,
  readClientCall,
  readClientSession,
} from '../../../src/accountability/clients/call-ids.js';

test.each([
  ['claude-code', 'claude'],
  ['codex-mcp-client', 'codex'],
  ['opencode', 'opencode'],
  ['gemini-cli-mcp-client', 'gemini'],
  ['Cline', 'cline'],
  // Without files that can be read.
  ['claude-ai', null],
  ['cursor-vscode', null],
  ['Visual Studio Code', null],
  ['my-claude-code', null],
  ['', null],
])('%s is known as %s', (name, client) => {
  expect(identifyClient(name)).toBe(client);
});

const STARTED = { variable: 'CLAUDE_CODE_SESSION_ID', id: 'started' };

describe('what a client says of a call', () => {
  test.each([
    [
      'claude-code',
      { 'claudecode/toolUseId': 'toolu_01', progressToken: 3 },
      { client: 'claude', session: 'started', callId: 'toolu_01' },
    ],
    ['codex-mcp-client', { threadId: 'thread-1' }, { client: 'codex', session: 'thread-1', callId: null }],
    ['opencode', { 'ai.opencode/sessionID': 'ses_1' }, { client: 'opencode', session: 'ses_1', callId: null }],
    [
      'Visual Studio Code - Insiders',
      { 'vscode.conversationId': 'c-1', 'vscode.requestId': 'r-1' },
      { client: null, session: 'c-1', callId: null },
    ],
    ['another', { threadId: 'thread-1' }, { client: null, session: null, callId: null }],
  ])('%s', (name, meta, said) => {
    expect(readClientCall(name, meta, STARTED)).toEqual(said);
  });

  test('a call without any ids, or with what is none', () => {
    const nothing = { client: 'claude', session: null, callId: null };
    for (const id of [undefined, null, 7, '', {}, ['a'], 'a b', 'a\u0000', 'ü', 'x'.repeat(401)]) {
      expect(readClientCall('claude-code', { 'claudecode/toolUseId': id }, undefined), JSON.stringify(id)).toEqual(
        nothing,
      );
    }
    expect(readClientCall('claude-code', undefined, undefined)).toEqual(nothing);
    expect(cleanId('x'.repeat(400))).toHaveLength(400);
  });
});

test('the session that a client names in the environment of its servers', () => {
  expect(readClientSession({ CLAUDE_CODE_SESSION_ID: 's-1' })).toEqual({
    variable: 'CLAUDE_CODE_SESSION_ID',
    id: 's-1',
  });
  expect(readClientSession({})).toBeUndefined();
});
