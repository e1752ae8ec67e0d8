import type { ToolContext } from '../define-tool.js';

/** What the SDK gives to the handler of a request, as far as progress needs it. */
export interface ProgressChannel {
  _meta?: { progressToken?: string | number | undefined } | undefined;
  sendNotification(notification: {
    method: 'notifications/progress';
    params: { progressToken: string | number; progress: number; total: number; message: string };
  }): Promise<void>;
}

/**
 * Sends progress notifications for one request; does nothing when the client gave no token for them. The value must rise
 * from one notification to the next (MCP specification, Progress), so a report that adds nothing is not sent.
 */
export function createProgress(channel: ProgressChannel): ToolContext['progress'] {
  let reported = Number.NEGATIVE_INFINITY;
  return (message, done, total) => {
    const progressToken = channel._meta?.progressToken;
    if (progressToken === undefined || done <= reported) return;
    reported = done;
    channel
      .sendNotification({ method: 'notifications/progress', params: { progressToken, progress: done, total, message } })
      .catch(() => undefined);
  };
}
