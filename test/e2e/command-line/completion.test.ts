// The scripts of `popstash completion`, run by the shells that this machine has.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findOnPath } from '../../../scripts/services/find-services.mjs';
import { shellCommand } from '../../../src/text/shell-command.js';
import { runCommand } from '../../support/processes/processes.js';
import { createFolder } from '../../support/setup/folders.js';

/** What each shell offers for the last of the words; FILES for files. */
const ASK: Readonly<Record<string, (script: string, words: readonly string[]) => string>> = {
  bash: (script, words) => `source ${script}
    COMP_WORDS=(popstash ${shellCommand(words)}); COMP_CWORD=${words.length}; _popstash
    [[ \${#COMPREPLY[@]} == 0 ]] && echo FILES; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (script, words) => `compdef() { }; _files() { print FILES }
    _describe() { print -l -- \${\${(@P)2}%%:*} | grep -e "^\${words[CURRENT]}" || return 1 }
    source ${script}; words=(popstash ${shellCommand(words)}); CURRENT=${words.length + 1}; _popstash`,
  fish: (script, words) => `source ${script}; cd ${join(script, '..')}
    complete -C ${shellCommand([`popstash ${words.join(' ')}`])} | string split -f1 \\t | string replace -r 'popstash\\..*' FILES; true`,
};

describe.each(Object.keys(ASK).filter((shell) => findOnPath(shell)))('%s', (shell) => {
  test('completes commands, options, their values, and files', async () => {
    const script = join(createFolder(), `popstash.${shell}`);
    writeFileSync(script, (await runCommand(['completion', shell])).stdout);
    const complete = (...words: string[]) => {
      const text = ASK[shell]?.(script, words) ?? '';
      const flags = { bash: ['--norc'], zsh: ['-f'], fish: ['--no-config'] }[shell] ?? [];
      const said = execFileSync(shell, [...flags, '-c', text], { encoding: 'utf8' });
      return [...new Set(said.split('\n').filter(Boolean))].sort();
    };
    expect(complete('compl')).toEqual(['completion']);
    expect(complete('costs', 'au')).toEqual(['audit']);
    expect(complete('costs', 'audit', '--all')).toEqual(['--all-projects']);
    expect(complete('costs', '--by', 'mo')).toEqual(['model', 'month']);
    expect(complete('completion', '')).toEqual(['bash', 'fish', 'zsh']);
    // Not those of `popstash forget`, and no options where none was begun.
    expect(complete('projects', 'forget', '--f')).toEqual(['--force']);
    expect(complete('import', '')).toEqual(['FILES']);
    expect(complete('restore-backup', '')).toEqual(['FILES']);
  });
});
