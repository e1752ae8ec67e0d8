import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import {
  type CollectedLog,
  type CollectedPoint,
  type CollectedSpan,
  decodeLogs,
  decodeMetrics,
  decodeTraces,
} from './otlp-decoder.js';

export type { CollectedLog, CollectedPoint, CollectedSpan } from './otlp-decoder.js';

export interface OtlpCollector {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT wants. */
  endpoint: string;
  spans: CollectedSpan[];
  points: CollectedPoint[];
  logs: CollectedLog[];
  /** Bodies of OTLP/JSON, by path. */
  json: { path: string; body: unknown }[];
  requests: number;
  /** Headers or metadata of the last request. */
  headers: IncomingHttpHeaders;
  close(): Promise<void>;
}

/** `hang` takes requests and never answers; `refuse` answers each with an error. */
type Behaviour = 'answer' | 'hang' | 'refuse';

interface Kept extends Omit<OtlpCollector, 'endpoint' | 'close'> {
  take(path: string, body: Buffer): void;
}

function createKept(): Kept {
  const kept: Kept = {
    spans: [],
    points: [],
    logs: [],
    json: [],
    requests: 0,
    headers: {},
    take(path, body) {
      if (/trace/i.test(path)) kept.spans.push(...decodeTraces(body));
      else if (/metrics/i.test(path)) kept.points.push(...decodeMetrics(body));
      else if (/logs/i.test(path)) kept.logs.push(...decodeLogs(body));
      else throw new Error(`nothing is collected at ${path}`);
    },
  };
  return kept;
}

/** A real OTLP/HTTP collector (protobuf) that keeps what it is sent. It reads the wire format itself. */
export async function startOtlpCollector(behaviour: Behaviour = 'answer'): Promise<OtlpCollector> {
  const kept = createKept();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      kept.requests += 1;
      kept.headers = request.headers;
      if (behaviour === 'hang') return;
      if (behaviour === 'refuse') {
        response.writeHead(400).end('no');
        return;
      }
      const [path, body] = [request.url ?? '', Buffer.concat(chunks)];
      if (request.headers['content-type'] === 'application/json') {
        kept.json.push({ path, body: JSON.parse(body.toString('utf8')) });
      } else kept.take(path, body);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(kept, {
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

/** A message of gRPC is preceded by a flag of compression and its length in 4 bytes. */
const FRAME_HEAD_BYTES = 5;

/** A real OTLP/gRPC collector, on HTTP/2 without a gRPC library. */
export async function startGrpcCollector(): Promise<OtlpCollector> {
  const kept = createKept();
  const sessions = new Set<ServerHttp2Session>();
  const server: Http2Server = createHttp2Server();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => undefined);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      kept.requests += 1;
      kept.headers = headers;
      for (const message of readFrames(Buffer.concat(chunks))) kept.take(String(headers[':path']), message);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      // An empty ExportServiceResponse in its frame.
      stream.end(Buffer.alloc(FRAME_HEAD_BYTES));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(kept, {
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
      }),
  });
}

function readFrames(body: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const length = body.readUInt32BE(at + 1);
    const message = body.subarray(at + FRAME_HEAD_BYTES, at + FRAME_HEAD_BYTES + length);
    messages.push(body[at] === 1 ? gunzipSync(message) : message);
    at += FRAME_HEAD_BYTES + length;
  }
  return messages;
}
