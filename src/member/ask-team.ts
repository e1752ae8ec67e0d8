import { text } from 'node:stream/consumers';
import type { Environment } from '../config.js';
import { decodeFromClient, encodeControl } from '../ipc/control-protocol.js';
import { askTeam } from './answer-hook.js';
import { openMember } from './open-member.js';

/** Whoever started this process waits no longer, in ms. */
const TIMEOUT_MS = 10_000;

/** Answers one hook, a line on stdin, with the verdict of the team's server: where no agent's own process could be asked. */
export async function answerOnce(env: Environment): Promise<void> {
  try {
    const request = decodeFromClient(Buffer.from(await text(process.stdin)));
    if (request?.popstash !== 'hook') throw new Error('there is no request on stdin');
    const { config, ...member } = openMember(env);
    process.stdout.write(encodeControl(await askTeam({ ...member, dataDir: config.dataDir }, request, TIMEOUT_MS)));
  } catch (error) {
    process.stderr.write(`popstash: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
