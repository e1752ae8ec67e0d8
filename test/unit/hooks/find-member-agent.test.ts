import { expect, it } from 'vitest';
import { findMemberAgent } from '../../../src/hooks/identify/find-member-agent.js';
import type { HookAgent } from '../../../src/hooks/identify/hook-agent.js';
import type { HookRequest } from '../../../src/ipc/control-protocol.js';

function agent(id: string, change: Partial<HookAgent> = {}): HookAgent {
  const facts = { projectId: 'proj_1', name: id, client: 'claude-code', worktree: '/w', clientSession: null };
  return { id, ...facts, pid: 1, isLocal: true, isHooked: true, hasNotices: false, sessions: [], ...change };
}

const request: HookRequest = {
  popstash: 'hook',
  version: '1',
  pid: 9,
  event: 'pre-tool-use',
  client: 'claude',
  cwd: '/w',
  session: 's1',
};
const find = (agents: HookAgent[], related: Map<number, number> | null, asked = request) =>
  findMemberAgent(agents, { request: asked, worktree: '/w', related })?.id ?? null;

it('finds the agent of the nearest client on that machine, else by session, else the only one where processes are not seen', () => {
  const near = agent('near', { pid: 10 });
  const far = agent('far', { pid: 20 });
  const served = agent('served', { pid: 30, clientSession: 's1' });
  expect(
    find(
      [far, near, served],
      new Map([
        [20, 3],
        [10, 1],
      ]),
    ),
  ).toBe('near');
  // The same number on another machine of the member is another process.
  expect(
    find(
      [agent('elsewhere', { pid: 10, isLocal: false }), far],
      new Map([
        [20, 3],
        [10, 1],
      ]),
    ),
  ).toBe('far');
  expect(find([far, served], new Map())).toBe('served');
  expect(find([far, near], new Map())).toBeNull();
  expect(find([far], null)).toBe('far');
  expect(find([far, near], null)).toBeNull();
});
