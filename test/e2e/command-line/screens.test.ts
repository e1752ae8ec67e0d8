// What every command shows on a terminal of 40, 80 and 200 columns, in a project as they are: no line is wider than it.
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { beforeAll, describe, expect, test } from 'vitest';
import { createMessyProject, type MessyProject } from '../../support/commands/messy-project.js';
import { runInTerminal } from '../../support/commands/run-in-terminal.js';

const WIDTHS = [40, 80, 200] as const;
/** Each with what must stand in it whole at every width. ID stands for a decision's. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  status: ['支払い処理サービス.ts', '3 held, 1 waiting', 'waits: '],
  locks: ['支払い処理サービス.ts', 'minutes left', 'waits: '],
  list: ['ID', '  payment provider'],
  'search payment provider retries': ['ID', '  Five retries'],
  'show ID --history': ['ID', 'superseded'],
  timeline: ['Decided: Five'],
  costs: ['≥58.40'],
  'costs audit': ['client'],
  'projects list': ['* proj_'],
  'projects show': ['place '],
};

let project: MessyProject;

beforeAll(async () => {
  project = await createMessyProject();
});

function tooWide(lines: readonly string[], columns: number): string[] {
  return lines.filter((line) => stringWidth(line) > columns);
}

describe.each(WIDTHS)('%i columns', (columns) => {
  test.concurrent.each(Object.entries(COMMANDS))('%s', async (command, whole) => {
    const { decisionId } = project;
    const { code, stdout } = await runInTerminal(command.replace('ID', decisionId).split(' '), { columns, ...project });
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.not.stringMatching(/\ufdd0/) });
    const lines = stripVTControlCharacters(stdout).split('\n');
    expect(tooWide(lines, columns)).toEqual([]);
    for (const text of whole) expect(lines.join('\n')).toContain(text.replace('ID', decisionId));
  });
});

test('styles are for terminals that want them', async () => {
  const env = { ...project.env, NO_COLOR: '1' };
  const { stdout } = await runInTerminal(['status'], { columns: 80, cwd: project.cwd, env });
  expect(stdout).toMatch(/^popstash /);
  expect(stripVTControlCharacters(stdout)).toBe(stdout);
});
