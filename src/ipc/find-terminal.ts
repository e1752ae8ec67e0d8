import type { Environment } from '../config.js';
import { readTty } from './read-process.js';

/**
 * Where a person finds the client that started this process: `tmux %3`, `vscode pts/4`, `pts/4`; undefined where nothing
 * tells it. A pane of tmux or screen names one place; a terminal program has many, which the tty tells apart.
 */
export function findTerminal(env: Environment, pid: number = process.pid): string | undefined {
  if (env.TMUX_PANE) return `tmux ${env.TMUX_PANE}`;
  if (env.STY) return ['screen', env.STY, env.WINDOW].filter(Boolean).join(' ');
  if (env.ZELLIJ_PANE_ID) return `zellij pane ${env.ZELLIJ_PANE_ID}`;
  return [env.TERM_PROGRAM, readTty(pid)].filter(Boolean).join(' ') || undefined;
}
