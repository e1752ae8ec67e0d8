import type { UsageRecord } from '../usage.js';
import { readClaudeEvent } from './claude-event.js';
import { readCodexEvent } from './codex-event.js';
import { readGeminiEvent } from './gemini-event.js';
import type { ReceivedLog } from './received-log.js';

/** Reads one event. @returns null if it tells of no answered request @throws if it is not of the client's form */
type EventReader = (log: ReceivedLog) => UsageRecord | null;

/** The events that tell each request once, by their names. Clients' metrics repeat them and are not read. */
const READERS: Readonly<Record<string, EventReader>> = {
  'claude_code.api_request': readClaudeEvent,
  'codex.sse_event': readCodexEvent,
  'gemini_cli.api_response': readGeminiEvent,
};

export interface UsageEvents {
  records: UsageRecord[];
  /** Events that should tell of a request and could not be read. */
  badEvents: number;
}

/** What log records say about requests to models; any other record is passed over, whatever it holds. */
export function readUsageEvents(logs: readonly ReceivedLog[]): UsageEvents {
  const found: UsageEvents = { records: [], badEvents: 0 };
  for (const log of logs) {
    const name = log.names.find((candidate) => Object.hasOwn(READERS, candidate));
    if (name === undefined) continue;
    try {
      const record = READERS[name]?.(log);
      if (record) found.records.push(record);
    } catch {
      found.badEvents += 1;
    }
  }
  return found;
}
