import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Environment, setVariables } from '../../config.js';
import { decodeFromServer, encodeControl, type HookRequest, type HookVerdict } from '../../ipc/control-protocol.js';
import type { Endpoint } from '../../ipc/list-endpoints.js';

/**
 * The server of a team, where POPSTASH_URL names one: asked by a process of its own, when no agent of this machine has one that
 * could. That process finds out what a server elsewhere can't: which repository this is, and where the files are.
 */
export function listTeamEndpoints(env: Environment): Endpoint[] {
  if (!env.POPSTASH_URL) return [];
  return [{ path: env.POPSTASH_URL, forget: () => undefined, ask: (request, ms) => askByProcess(env, request, ms) }];
}

async function askByProcess(
  env: Environment,
  request: HookRequest,
  timeoutMs: number,
): Promise<HookVerdict | 'silent'> {
  // A hook is run from V8's cache, where nothing can be imported later; and hooks without a team need not load it.
  const { execFile } = process.getBuiltinModule('node:child_process');
  const main = join(dirname(realpathSync(process.argv[1] ?? '')), 'main.js');
  return await new Promise((resolve) => {
    const options = { env: setVariables(env), timeout: Math.max(Math.round(timeoutMs), 1), maxBuffer: 4 * 1024 * 1024 };
    const child = execFile(process.execPath, [main, 'ask-team'], options, (_error, stdout) => {
      const verdict = decodeFromServer(Buffer.from(stdout));
      resolve(verdict?.popstash === 'verdict' ? verdict : 'silent');
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(encodeControl(request));
  });
}
