import type { ToolContext } from '../define-tool.js';

/** What the SDK gives to the handler of a request, as far as progress needs it. */
export interface ProgressChannel {
  _meta?: { progressToken?: string | number | undefined } | undefined;
  sendNotification(notification: {
    method: 'notifications/progress';
    params: { progressToken: string | number; progress: number; total: number; message: string };
  }): Promise<void>;
}

/** Sends progress notifications for one request; does nothing when the client gave no token for them. */
export function createProgress(channel: ProgressChannel): ToolContext['progress'] {
  return (message, done, total) => {
    const progressToken = channel._meta?.progressToken;
    if (progressToken === undefined) return;
    channel
      .sendNotification({ method: 'notifications/progress', params: { progressToken, progress: done, total, message } })
      .catch(() => undefined);
  };
}
