import { existsSync } from 'node:fs';
import { chooseDataDir, type Environment } from '../../config.js';
import { RECEIVER_PORT, receiverFile, receiverUrl } from '../../receiver-address.js';
import { listTelemetryFiles } from '../clients/telemetry-files.js';
import type { Target } from './install-types.js';
import { telemetryTarget } from './telemetry-targets.js';

/**
 * The files by which clients send their own telemetry to the receiver, and the receiver is switched on. They are the user's own:
 * one receiver takes the telemetry of all projects. Clients that the user does not have are left out.
 */
export function measureTargets({ home, env }: { home: string; env: Environment }): Target[] {
  const port = Number(env.POPSTASH_RECEIVER_PORT ?? RECEIVER_PORT);
  const files = listTelemetryFiles({ home, env, url: receiverUrl(port) });
  const found = files.filter(({ folder }) => existsSync(folder)).map(telemetryTarget);
  return [...found, switchTarget(receiverFile(chooseDataDir(env)), port)];
}

/** Whether the user has switched the receiver on. */
export function isMeasured(env: Environment): boolean {
  return existsSync(receiverFile(chooseDataDir(env)));
}

function switchTarget(path: string, port: number): Target {
  return { path, isExecutable: false, add: () => `${JSON.stringify({ port })}\n`, remove: () => null };
}
