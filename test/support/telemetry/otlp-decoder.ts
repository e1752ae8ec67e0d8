// Reads OTLP as another program would: the numbers are field numbers of opentelemetry-proto.
import { bytes, decode, double, integer, type Message, messages, signed, text } from './protobuf.js';

export type AttributeValue = string | number | boolean | null;
export type Attributes = Record<string, AttributeValue>;

export interface CollectedEvent {
  name: string;
  attributes: Attributes;
}

export interface CollectedSpan {
  name: string;
  traceId: string;
  spanId: string;
  /** Empty for the root of a trace. */
  parentSpanId: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  /** Nanoseconds since the epoch. */
  start: number;
  end: number;
  attributes: Attributes;
  events: CollectedEvent[];
  /** 0 unset, 1 ok, 2 error. */
  status: { code: number; message: string };
  resource: Attributes;
}

/** One data point of a metric. */
export interface CollectedPoint {
  name: string;
  unit: string;
  description: string;
  type: 'gauge' | 'sum' | 'histogram' | 'exponential';
  attributes: Attributes;
  /** Of a gauge or a sum. */
  value: number;
  /** Of a histogram. */
  count: number;
  sum: number;
  scale: number;
  /** Of an exponential histogram: counts in its positive buckets and the zero bucket. */
  buckets: number[];
  resource: Attributes;
}

export interface CollectedLog {
  body: AttributeValue;
  severity: string;
  severityNumber: number;
  traceId: string;
  spanId: string;
  attributes: Attributes;
  resource: Attributes;
}

/** ExportTraceServiceRequest. */
export function decodeTraces(body: Buffer): CollectedSpan[] {
  return eachItem(body, (span, resource) => ({
    name: text(span, 5),
    traceId: bytes(span, 1).toString('hex'),
    spanId: bytes(span, 2).toString('hex'),
    parentSpanId: bytes(span, 4).toString('hex'),
    kind: integer(span, 6),
    start: integer(span, 7),
    end: integer(span, 8),
    attributes: attributesOf(span, 9),
    events: messages(span, 11).map((event) => ({ name: text(event, 2), attributes: attributesOf(event, 3) })),
    status: statusOf(messages(span, 15)[0]),
    resource,
  }));
}

/** ExportMetricsServiceRequest. */
export function decodeMetrics(body: Buffer): CollectedPoint[] {
  return eachItem(body, (metric, resource) => {
    const about = { name: text(metric, 1), description: text(metric, 2), unit: text(metric, 3), resource };
    const points = (field: number) => messages(metric, field).flatMap((data) => messages(data, 1));
    const none = { value: 0, count: 0, sum: 0, scale: 0, buckets: [] };
    return [
      ...[5, 7].flatMap((field) =>
        points(field).map((point) => ({
          ...about,
          ...none,
          type: field === 5 ? ('gauge' as const) : ('sum' as const),
          attributes: attributesOf(point, 7),
          value: point.has(4) ? double(point, 4) : integer(point, 6),
        })),
      ),
      ...points(9).map((point) => ({
        ...about,
        ...none,
        type: 'histogram' as const,
        attributes: attributesOf(point, 9),
        count: integer(point, 4),
        sum: double(point, 5),
      })),
      ...points(10).map((point) => ({
        ...about,
        ...none,
        type: 'exponential' as const,
        attributes: attributesOf(point, 1),
        count: integer(point, 4),
        sum: double(point, 5),
        scale: signed(point, 6),
        buckets: [integer(point, 7), ...packed(messages(point, 8)[0])],
      })),
    ];
  }).flat();
}

/** ExportLogsServiceRequest. */
export function decodeLogs(body: Buffer): CollectedLog[] {
  return eachItem(body, (record, resource) => ({
    severityNumber: integer(record, 2),
    severity: text(record, 3),
    body: readValue(messages(record, 5)[0]),
    attributes: attributesOf(record, 6),
    traceId: bytes(record, 9).toString('hex'),
    spanId: bytes(record, 10).toString('hex'),
    resource,
  }));
}

/** All three requests nest alike: resources (1), their resource (1) and scopes (2), their items (2). */
function eachItem<Item>(body: Buffer, read: (item: Message, resource: Attributes) => Item): Item[] {
  return messages(decode(body), 1).flatMap((perResource) => {
    const resource = attributesOf(messages(perResource, 1)[0], 1);
    return messages(perResource, 2).flatMap((scope) => messages(scope, 2).map((item) => read(item, resource)));
  });
}

/** Bucket counts (field 2): packed varints, which are read as if each were a field of its own. */
function packed(buckets: Message | undefined): number[] {
  const raw = buckets ? bytes(buckets, 2) : Buffer.alloc(0);
  const counts: number[] = [];
  let [value, shift] = [0, 0];
  for (const byte of raw) {
    value += (byte & 0x7f) * 2 ** shift;
    shift += 7;
    if (byte >= 0x80) continue;
    counts.push(value);
    [value, shift] = [0, 0];
  }
  return counts;
}

function statusOf(status: Message | undefined): { code: number; message: string } {
  return status ? { code: integer(status, 3), message: text(status, 2) } : { code: 0, message: '' };
}

function attributesOf(message: Message | undefined, field: number): Attributes {
  const pairs = message ? messages(message, field) : [];
  return Object.fromEntries(pairs.map((pair) => [text(pair, 1), readValue(messages(pair, 2)[0])]));
}

function readValue(value: Message | undefined): AttributeValue {
  if (value?.has(1)) return text(value, 1);
  if (value?.has(2)) return value.get(2)?.[0] === 1n;
  if (value?.has(3)) return Number(BigInt.asIntN(64, value.get(3)?.[0] as bigint));
  if (value?.has(4)) return double(value, 4);
  return null;
}
