/**
 * A bridge says so when its client's input has ended: nothing more is sent, the answers that are owed are still read. Calls
 * that wait for locks are answered at once, as if the time that they gave was over.
 */
export const INPUT_ENDED = 'notifications/popstash/input_ended';
export const INPUT_ENDED_LINE = `${JSON.stringify({ jsonrpc: '2.0', method: INPUT_ENDED })}\n`;
