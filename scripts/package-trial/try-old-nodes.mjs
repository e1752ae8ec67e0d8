// @ts-check
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const EDIT = JSON.stringify({ hook_event_name: 'PreToolUse', tool_name: 'Edit', tool_input: { file_path: '/a.ts' } });
const LINE = /^popstash needs Node 20\.19 or newer, or 22\.12 or newer; \S+ is \d+\.\d+\.\d+\. \S+ has newer ones\.\n$/;
/** What clients and people start, and the code that it must end with. */
const RUNS = [
  { script: 'main.js', args: ['--help'], guard: '', code: 1 },
  { script: 'main.js', args: ['mcp'], guard: '', code: 1 },
  { script: 'main.js', args: ['hook', 'pre-tool-use'], guard: '', code: 1 },
  { script: 'main.js', args: ['hook', 'pre-tool-use'], guard: 'guarded', code: 2 },
  { script: 'hook.cjs', args: ['pre-tool-use'], guard: 'guarded', code: 2 },
  { script: 'main.js', args: ['guard', 'pre-commit'], guard: '', code: 1 },
];

/**
 * On a Node that is too old everything answers in one line, and a hook that must refuse does.
 * @param {readonly { version: string, program: string }[]} nodes
 * @param {string} installed folder of the installed package
 * @returns {Record<string, string>[]} rows of a table, one a Node
 * @throws Error for the first answer that is another one
 */
export function tryOldNodes(nodes, installed) {
  return nodes.map(({ version, program }) => {
    for (const { script, args, guard, code } of RUNS) {
      const env = { PATH: '/usr/bin:/bin', HOME: '/nowhere', POPSTASH_GUARD: guard };
      const ended = spawnSync(program, [join(installed, 'dist', script), ...args], {
        env,
        input: EDIT,
        encoding: 'utf8',
      });
      if (ended.status !== code || !LINE.test(ended.stderr) || ended.stdout !== '') {
        const said = `code ${ended.status}, stdout ${ended.stdout}, stderr ${ended.stderr}`;
        throw new Error(`Node ${version}, ${script} ${args.join(' ')}: ${said}`);
      }
    }
    return { 'old Node': version, runs: String(RUNS.length), 'in one line each': 'yes' };
  });
}
