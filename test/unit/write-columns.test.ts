import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { describeAgents, describeLocks } from '../../src/cli/output/describe-board.js';
import { alignColumns, clipToWidth } from '../../src/cli/output/write-columns.js';
import { nameOnly } from '../../src/text/word-agent.js';

const NAMES = ['claude-code', '설계 에이전트', 'カーソル', '编程助手 2', '👩‍💻 pair', 'é accent'];

/** Columns of the terminal before the text, which occurs once in the line. */
function startOf(line: string, text: string): number {
  const [before = ''] = line.split(text);
  return stringWidth(before);
}

test('columns stand below each other, whatever the width of a character', () => {
  const lines = alignColumns(NAMES.map((name, index) => [name, `second ${index}`]));
  expect(new Set(lines.map((line) => startOf(line, 'second'))).size).toBe(1);
  expect(startOf(lines[0] ?? '', 'second')).toBe(stringWidth('설계 에이전트') + 2);
});

test('a column that is empty everywhere is left out, and no line ends in spaces', () => {
  expect(
    alignColumns([
      ['a', '', 'b'],
      ['long', '', ''],
    ]),
  ).toEqual(['a     b', 'long']);
  expect(alignColumns([])).toEqual([]);
});

test('a clipped text keeps its width and never ends in half a character', () => {
  expect(clipToWidth('编程助手', 8)).toBe('编程助手');
  expect(clipToWidth('编程助手', 7)).toBe('编程助…');
  expect(clipToWidth('编程助手', 6)).toBe('编程…');
  expect(clipToWidth('👩‍💻👩‍💻👩‍💻', 5)).toBe('👩‍💻👩‍💻…');
});

describe('what is listed fits the terminal', () => {
  const now = new Date('2026-11-26T12:00:00Z');
  const earlier = new Date('2026-11-26T11:00:00Z');

  test('agents', () => {
    const active = NAMES.map((name, index) => ({
      agentId: `agent_${String(index).padStart(16, '0')}`,
      agent: {
        ...nameOnly('agent_1', 'Umbrella Zephyr'),
        client: name,
        terminal: 'tmux %3',
        isMain: false,
        branch: 'login',
      },
      task: '重构锁定模块并修复等待队列 '.repeat(4),
      lastActive: earlier,
    }));
    const lines = describeAgents({ active, idle: [], now, status: { agents: [] } } as never, 80);
    expect(lines).toHaveLength(NAMES.length);
    for (const line of lines) {
      expect(stringWidth(line)).toBeLessThanOrEqual(80);
      expect(line).toMatch(/^Umbrella Zephyr /);
    }
    expect(new Set(lines.map((line) => startOf(line, 'seen:'))).size).toBe(1);
    expect(
      describeAgents({ active, idle: [], now, status: { agents: [] } } as never)[0],
      'without a terminal',
    ).toContain('重构锁定模块并修复等待队列 重构');
  });

  test('locks', () => {
    const locks = NAMES.map((client) => ({
      pattern: `src/${'深い/'.repeat(20)}${client}.ts`,
      mode: 'exclusive',
      holder: { ...nameOnly('agent_1', 'Maple'), client },
      agentId: 'agent_0123456789abcdef',
      task: '实现功能',
      acquiredAt: earlier,
      expiresAt: new Date('2026-11-26T12:10:00Z'),
    }));
    const lines = describeLocks({ locks, waits: [], now } as never, 80);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(80);
    // Nothing of them is cut but the paths, whose ends say most.
    expect(lines.filter((line) => line.startsWith('  Maple ('))).toHaveLength(NAMES.length);
    for (const name of NAMES) expect(lines.join('\n')).toContain(`深い/${name}.ts\n  Maple (`);
    const wide = describeLocks({ locks, waits: [], now } as never, 120);
    for (const line of wide) expect(stringWidth(line)).toBeLessThanOrEqual(120);
    expect(new Set(wide.map((line) => startOf(line, 'held'))).size).toBe(1);
  });
});
