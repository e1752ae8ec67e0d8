import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientPackage } from './install-client.js';
import type { UserMachine } from './real-client.js';
import { runProgram } from './run-program.js';

export const COPILOT: ClientPackage = { name: '@github/copilot', version: '1.0.102', command: 'copilot' };
export const GEMINI_CLI: ClientPackage = { name: '@google/gemini-cli', version: '0.61.0', command: 'gemini' };
export const CLINE: ClientPackage = { name: 'cline', version: '3.0.65', command: 'cline' };

/** Runs Copilot's command line once, with a model of its user's own instead of an account. */
export function runCopilot(
  command: string,
  { project, env }: UserMachine,
  url: string,
  words: string,
): Promise<string> {
  return runProgram({
    command,
    args: ['-p', words, '--allow-all-tools', '--trust-folder'],
    cwd: project,
    env: {
      ...env,
      COPILOT_OFFLINE: 'true',
      COPILOT_PROVIDER_TYPE: 'anthropic',
      COPILOT_PROVIDER_BASE_URL: url,
      COPILOT_PROVIDER_API_KEY: 'none',
      COPILOT_MODEL: 'claude-sonnet-4',
    },
  });
}

/** Chooses the key as its user would, instead of an account. */
export function writeGeminiSettings({ home }: UserMachine): void {
  mkdirSync(join(home, '.gemini'), { recursive: true });
  const settings = { security: { auth: { selectedType: 'gemini-api-key' } }, general: { disableAutoUpdate: true } };
  writeFileSync(join(home, '.gemini', 'settings.json'), JSON.stringify(settings));
}

/** Runs Gemini CLI once, by an API key. */
export function runGemini(command: string, { project, env }: UserMachine, url: string, words: string): Promise<string> {
  return runProgram({
    command,
    args: ['-p', words, '--approval-mode', 'yolo', '--skip-trust', '-m', 'gemini-2.5-pro'],
    cwd: project,
    env: { ...env, GEMINI_API_KEY: 'none', GEMINI_CLI_TRUST_WORKSPACE: 'true', GOOGLE_GEMINI_BASE_URL: url },
  });
}

/** Has Cline's command line use a model of its user's own instead of an account. */
export async function writeClineSettings(command: string, { project, env }: UserMachine, url: string): Promise<void> {
  const args = ['auth', 'openai-native', '--apikey', 'none', '--modelid', 'gpt-5.3-codex', '--baseurl', `${url}/v1`];
  await runProgram({ command, args, cwd: project, env });
}

/** Runs Cline's command line once, and ends the process that it leaves in the background. */
export async function runCline(command: string, { project, env }: UserMachine, words: string): Promise<string> {
  try {
    return await runProgram({ command, args: ['--json', '-P', 'openai-native', words], cwd: project, env });
  } finally {
    await runProgram({ command, args: ['hub', 'stop'], cwd: project, env }).catch(() => undefined);
  }
}
