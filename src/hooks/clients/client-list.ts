import type { ClientDefinition } from '../definition/define-client.js';
import { claudeCode } from './claude-code.js';
import { cline } from './cline.js';
import { codex } from './codex.js';
import { copilot, vsCode } from './copilot.js';
import { cursor } from './cursor.js';
import { devin } from './devin.js';
import { geminiCli } from './gemini-cli.js';
import { antigravity, claudeDesktop, kiro, zed } from './hookless-clients.js';
import { opencode } from './opencode.js';

/** Every client that init connects. */
export const clients: readonly [ClientDefinition, ...ClientDefinition[]] = [
  claudeCode,
  cursor,
  cline,
  vsCode,
  copilot,
  codex,
  opencode,
  devin,
  geminiCli,
  antigravity,
  zed,
  kiro,
  claudeDesktop,
];

/** The client of that name, if there is one. */
export function findClient(name: string): ClientDefinition | undefined {
  return clients.find((client) => client.name === name);
}
