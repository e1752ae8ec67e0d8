import type { HookRequest, HookVerdict } from '../../ipc/control-protocol.js';
import type { Endpoint } from '../../ipc/list-endpoints.js';
import { askGuard, type GuardAnswer } from './ask-guard.js';

/** Bytes of file names in one request: a request is one line of 64 KB at most. */
const MAX_BYTES = 40_000;

/**
 * Asks about many files, in several requests if need be. The messages of the refused requests are joined.
 * @param timeoutMs for each request
 */
export async function askAboutFiles(
  endpoints: readonly Endpoint[],
  request: HookRequest,
  files: readonly string[],
  timeoutMs: number,
): Promise<GuardAnswer> {
  const verdicts: HookVerdict[] = [];
  for (const part of cut(files)) {
    const answer = await askGuard(endpoints, { ...request, files: part }, timeoutMs);
    if (typeof answer === 'string') return answer;
    if (answer.decision !== 'pass') verdicts.push(answer);
  }
  const [first] = verdicts;
  if (!first) return { popstash: 'verdict', decision: 'pass' };
  const decision = verdicts.some((verdict) => verdict.decision === 'deny') ? 'deny' : 'tell';
  const messages = verdicts.filter((verdict) => verdict.decision === decision).map(({ message }) => message ?? '');
  return { popstash: 'verdict', decision, message: [...new Set(messages)].join('\n') };
}

function cut(files: readonly string[]): string[][] {
  const parts: string[][] = [];
  let bytes = MAX_BYTES;
  for (const file of files) {
    bytes += Buffer.byteLength(JSON.stringify(file)) + 1;
    if (bytes > MAX_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(file);
  }
  return parts;
}
