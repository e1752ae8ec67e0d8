import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chooseDataDir, type Environment } from '../../config.js';
import { RECEIVER_PORT, receiverFile, receiverUrl } from '../../receiver-address.js';
import { claudeTelemetry, geminiTelemetry } from './client-telemetry.js';
import { codexTelemetry } from './codex-telemetry.js';
import type { Target } from './install-types.js';

/** Where a user's clients keep the settings that hold for all projects. */
interface UserFolders {
  home: string;
  env: Environment;
}

/**
 * The files by which clients send their own telemetry to the receiver, and the receiver is switched on. They are the user's own,
 * not the project's: one receiver takes the telemetry of all projects, and Claude Code heeds no telemetry settings of a
 * project. Clients that the user does not have are left out.
 */
export function measureTargets({ home, env }: UserFolders): Target[] {
  const port = Number(env.POPSTASH_RECEIVER_PORT ?? RECEIVER_PORT);
  const url = receiverUrl(port);
  const claude = env.CLAUDE_CONFIG_DIR ?? join(home, '.claude');
  const codex = env.CODEX_HOME ?? join(home, '.codex');
  const gemini = join(env.GEMINI_CLI_HOME ?? home, '.gemini');
  const clients: [folder: string, target: Target][] = [
    [claude, claudeTelemetry(join(claude, 'settings.json'), url, env)],
    [codex, codexTelemetry(join(codex, 'config.toml'), url)],
    [gemini, geminiTelemetry(join(gemini, 'settings.json'), url)],
  ];
  const found = clients.filter(([folder]) => existsSync(folder)).map(([, target]) => target);
  return [...found, switchTarget(receiverFile(chooseDataDir(env)), port)];
}

/** Whether the user has switched the receiver on. */
export function isMeasured(env: Environment): boolean {
  return existsSync(receiverFile(chooseDataDir(env)));
}

function switchTarget(path: string, port: number): Target {
  return { path, isExecutable: false, add: () => `${JSON.stringify({ port })}\n`, remove: () => null };
}
