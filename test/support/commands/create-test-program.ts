import type { Command } from 'commander';
import { createProgram } from '../../../src/cli/program.js';

/** The whole command line, for what it consists of: it writes nothing. */
export function createTestProgram(): Command {
  return createProgram({
    env: {},
    script: '',
    width: 80,
    measure: () => 80,
    isColoured: false,
    write: () => undefined,
    word: (text) => text,
    writeText: () => undefined,
  });
}
