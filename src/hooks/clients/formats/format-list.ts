import type { HookFormat } from '../../definition/hook-format.js';
import { claudeCodeFormat } from './claude-code-format.js';
import { clineFormat } from './cline-format.js';
import { codexFormat } from './codex-format.js';
import { copilotFormat } from './copilot-format.js';
import { cursorFormat } from './cursor-format.js';
import { devinFormat } from './devin-format.js';
import { geminiCliFormat } from './gemini-cli-format.js';
import { opencodeFormat } from './opencode-format.js';

/** The form of every client that has hooks. A hook without `--client` is of the first. */
export const formats: readonly [HookFormat, ...HookFormat[]] = [
  claudeCodeFormat,
  cursorFormat,
  clineFormat,
  copilotFormat,
  codexFormat,
  opencodeFormat,
  devinFormat,
  geminiCliFormat,
];

/** The form of that name, if there is one. */
export function findFormat(name: string): HookFormat | undefined {
  return formats.find((format) => format.name === name);
}
