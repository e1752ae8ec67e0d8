import type { Command } from 'commander';
import type { Environment } from '../../config.js';

/** What every command gets: the environment as read once, and the one way to stdout. */
export interface CommandContext {
  env: Environment;
  /** This program's own script, to start itself with. */
  script: string;
  /** A text of ours with the commands in it as they work here: `popstash` may be on no PATH. */
  word(text: string): string;
  /** Columns of the terminal that stdout is; without one, lines may have any length. */
  width: number;
  /** The same now: a terminal may get another size. */
  measure(): number;
  /** Whether the answer on stdout may be coloured. */
  isColoured: boolean;
  /** Writes lines of the answer to stdout: what of them a terminal would obey is shown, JSON keeps its value. */
  write(text: string): void;
  /** Writes a text that a file may take: exactly, unless stdout is a terminal. */
  writeText(text: string): void;
}

/** Adds one command to the program; what it needs is imported inside its action. */
export type AddCommand = (program: Command, context: CommandContext) => void;

/** Adds a command to another one. */
export type AddSubcommand = (parent: Command, context: CommandContext) => void;
