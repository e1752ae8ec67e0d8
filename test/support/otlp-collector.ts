import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type AttributeValue = string | number | boolean | null;

export interface CollectedEvent {
  name: string;
  attributes: Record<string, AttributeValue>;
}

export interface CollectedSpan {
  name: string;
  traceId: string;
  spanId: string;
  /** Empty for the root of a trace. */
  parentSpanId: string;
  attributes: Record<string, AttributeValue>;
  events: CollectedEvent[];
  /** 0 unset, 1 ok, 2 error. */
  status: { code: number; message: string };
  resource: Record<string, AttributeValue>;
}

export interface OtlpCollector {
  /** The traces endpoint. */
  url: string;
  /** What OTEL_EXPORTER_OTLP_ENDPOINT wants. */
  endpoint: string;
  spans: CollectedSpan[];
  requests: number;
  close(): Promise<void>;
}

/**
 * A real OTLP/HTTP collector that keeps what it is sent. It reads the wire format itself, as another program would.
 * @param behaviour `hang` takes requests and never answers.
 */
export async function startOtlpCollector(behaviour: 'answer' | 'hang' = 'answer'): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      collector.requests += 1;
      if (behaviour === 'hang') return;
      spans.push(...decodeTraces(Buffer.concat(chunks)));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const collector: OtlpCollector = {
    url: `${endpoint}/v1/traces`,
    endpoint,
    spans,
    requests: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return collector;
}

/** A protobuf message as read from the wire: field number → raw values. */
type Message = Map<number, (Buffer | bigint)[]>;

/** Reads opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest; the numbers are its field numbers. */
function decodeTraces(body: Buffer): CollectedSpan[] {
  return messages(decode(body), 1).flatMap((resourceSpans) => {
    const resource = attributesOf(messages(resourceSpans, 1)[0], 1);
    return messages(resourceSpans, 2).flatMap((scopeSpans) =>
      messages(scopeSpans, 2).map((span) => ({
        name: text(span, 5),
        traceId: bytes(span, 1).toString('hex'),
        spanId: bytes(span, 2).toString('hex'),
        parentSpanId: bytes(span, 4).toString('hex'),
        attributes: attributesOf(span, 9),
        events: messages(span, 11).map((event) => ({ name: text(event, 2), attributes: attributesOf(event, 3) })),
        status: statusOf(messages(span, 15)[0]),
        resource,
      })),
    );
  });
}

function statusOf(status: Message | undefined): { code: number; message: string } {
  if (!status) return { code: 0, message: '' };
  return { code: Number(status.get(3)?.[0] ?? 0n), message: text(status, 2) };
}

function attributesOf(message: Message | undefined, field: number): Record<string, AttributeValue> {
  const pairs = message ? messages(message, field) : [];
  return Object.fromEntries(pairs.map((pair) => [text(pair, 1), readValue(messages(pair, 2)[0])]));
}

function readValue(value: Message | undefined): AttributeValue {
  if (value?.has(1)) return text(value, 1);
  if (value?.has(2)) return value.get(2)?.[0] === 1n;
  if (value?.has(3)) return Number(BigInt.asIntN(64, value.get(3)?.[0] as bigint));
  if (value?.has(4)) return bytes(value, 4).readDoubleLE(0);
  return null;
}

function messages(message: Message, field: number): Message[] {
  return (message.get(field) ?? []).map((value) => decode(value as Buffer));
}

function bytes(message: Message, field: number): Buffer {
  return (message.get(field)?.[0] as Buffer | undefined) ?? Buffer.alloc(0);
}

function text(message: Message, field: number): string {
  return bytes(message, field).toString('utf8');
}

function decode(buffer: Buffer): Message {
  const message: Message = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = buffer.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    at += length;
    if (at > buffer.length) throw new Error('The message ends in the middle of a field.');
    return buffer.subarray(at - length, at);
  };
  while (at < buffer.length) {
    const key = Number(varint());
    const wireType = key & 7;
    let value: Buffer | bigint;
    if (wireType === 0) value = varint();
    else if (wireType === 1) value = take(8);
    else if (wireType === 2) value = take(Number(varint()));
    else if (wireType === 5) value = take(4);
    else throw new Error(`Unknown wire type ${wireType}.`);
    const values = message.get(key >> 3) ?? [];
    values.push(value);
    message.set(key >> 3, values);
  }
  return message;
}
