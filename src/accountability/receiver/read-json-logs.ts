import {
  type Attribute,
  MAX_ATTRIBUTES,
  MAX_LOGS,
  type ReceivedLog,
  type Scalar,
  toReceivedLog,
} from './received-log.js';

type Fields = Readonly<Record<string, unknown>>;

const INTEGER = /^-?\d{1,20}$/;

/**
 * Reads an ExportLogsServiceRequest in OTLP/JSON. Parts of another form than the protocol's are passed over.
 * @throws SyntaxError if the text is no JSON, RangeError if it holds more than MAX_LOGS records
 */
export function readJsonLogs(text: string): ReceivedLog[] {
  const { resourceLogs } = asFields(JSON.parse(text));
  const logs: ReceivedLog[] = [];
  for (const { resource, scopeLogs } of listOf(resourceLogs)) {
    const shared = readAttributes(asFields(resource).attributes).slice(0, MAX_ATTRIBUTES);
    for (const record of listOf(scopeLogs).flatMap(({ logRecords }) => listOf(logRecords))) {
      if (logs.length === MAX_LOGS) throw new RangeError('too many records');
      logs.push(readRecord(record, shared));
    }
  }
  return logs;
}

function readRecord(record: Fields, shared: readonly Attribute[]): ReceivedLog {
  return toReceivedLog({
    attributes: [...shared, ...readAttributes(record.attributes)],
    eventName: typeof record.eventName === 'string' ? record.eventName : null,
    body: readValue(record.body),
    timeNs: readNumber(record.timeUnixNano),
    observedNs: readNumber(record.observedTimeUnixNano),
  });
}

function readAttributes(attributes: unknown): Attribute[] {
  return listOf(attributes).map(({ key, value }) => [String(key), readValue(value)]);
}

/** Integers of 64 bits are texts in JSON. */
function readValue(value: unknown): Scalar | null {
  const { stringValue, boolValue, intValue, doubleValue } = asFields(value);
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (typeof intValue === 'string') return INTEGER.test(intValue) ? Number(intValue) : null;
  if (typeof intValue === 'number') return intValue;
  return typeof doubleValue === 'number' ? doubleValue : null;
}

function readNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && INTEGER.test(value) ? Number(value) : 0;
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(asFields) : [];
}
