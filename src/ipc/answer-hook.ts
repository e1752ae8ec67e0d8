import type { Socket } from 'node:net';
import type { Logger } from '../logger.js';
import { encodeControl, type HookRequest, type HookVerdict } from './control-protocol.js';

export type AnswerHook = (request: HookRequest) => Promise<HookVerdict>;

/**
 * Writes the verdict on a request and hangs up. When there is none it hangs up without: what then happens is the hook's
 * own setting (POPSTASH_GUARD).
 */
export async function answerHook(
  socket: Socket,
  request: HookRequest,
  answer: AnswerHook,
  logger: Logger,
): Promise<void> {
  try {
    socket.end(encodeControl(await answer(request)));
  } catch (error) {
    logger.warn({ err: error, event: request.event }, 'a hook could not be answered');
    socket.destroy();
  }
}
