import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../logger.js';
import { signalPath } from '../../receiver-address.js';
import type { UsageRecord } from '../usage.js';
import { checkRequest, type Encoding, readEncoding } from './check-request.js';
import { BodyError, readBody } from './read-body.js';
import { readJsonLogs } from './read-json-logs.js';
import { readProtobufLogs } from './read-protobuf-logs.js';
import type { ReceivedLog } from './received-log.js';
import { readUsageEvents } from './usage-events.js';

/** Of one request, unpacked: exporters send at most a few hundred records at once, of some kB each. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Requests that are read or written at once; clients send the rest again. */
const MAX_PENDING = 8;
/** Records that are written in one transaction. */
const MAX_RECORDS = 1_000;

const LOGS = '/v1/logs';
/** Taken and thrown away, since clients that are told one endpoint send all signals there. */
const IGNORED = new Set(['/v1/metrics', '/v1/traces']);

export interface ExportDeps {
  /** Writes records; rejects while the ledger is away. */
  record(records: readonly UsageRecord[]): Promise<unknown>;
  logger: Logger;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Answers OTLP/HTTP requests. Success is said once the requests that it tells of are in the ledger: what is not, the client
 * sends again, and a request that arrives twice is one entry.
 */
export function createExportAnswer({ record, logger }: ExportDeps): Answer {
  let pending = 0;
  let isAway = false;

  async function take(logs: readonly ReceivedLog[]): Promise<void> {
    const { records, badEvents } = readUsageEvents(logs);
    if (badEvents > 0) logger.debug({ badEvents }, 'events of a client have a form that is not known');
    for (let at = 0; at < records.length; at += MAX_RECORDS) await record(records.slice(at, at + MAX_RECORDS));
  }

  async function answerLogs(request: IncomingMessage, response: ServerResponse, encoding: Encoding): Promise<void> {
    const body = await readBody(request, MAX_BODY_BYTES);
    const logs = readLogs(body, encoding);
    try {
      await take(logs);
      isAway = false;
    } catch (error) {
      if (!isAway) logger.warn({ err: error }, "a client's usage could not be written; the client sends it again");
      isAway = true;
      end(response, 503, 'the ledger is away');
      return;
    }
    succeed(response, encoding);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = checkRequest(request);
    if (refusal) return end(response, refusal.status, refusal.reason);
    const path = signalPath(request.url?.split('?')[0] ?? '');
    if (path !== LOGS && !IGNORED.has(path)) return end(response, 404, `nothing is received at this path`);
    const encoding = readEncoding(request.headers);
    if (!encoding) return end(response, 415, 'send OTLP as application/json or application/x-protobuf');
    if (path === LOGS) return await answerLogs(request, response, encoding);
    await readBody(request, MAX_BODY_BYTES);
    succeed(response, encoding);
  }

  return async (request, response) => {
    if (pending >= MAX_PENDING) return end(response, 503, 'too many requests at once');
    pending += 1;
    try {
      await serve(request, response);
    } catch (error) {
      if (error instanceof BodyError) end(response, error.status, error.message);
      else response.destroy();
    } finally {
      pending -= 1;
    }
  };
}

/** @throws BodyError if the body is not of its encoding */
function readLogs(body: Buffer, encoding: Encoding): ReceivedLog[] {
  try {
    return encoding === 'json' ? readJsonLogs(body.toString('utf8')) : readProtobufLogs(body);
  } catch {
    throw new BodyError(400, `the body is no ${encoding}`);
  }
}

/** An empty ExportLogsServiceResponse, ExportMetricsServiceResponse or ExportTraceServiceResponse. */
function succeed(response: ServerResponse, encoding: Encoding): void {
  if (encoding === 'json') response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  else response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
}

/** Without the rest of the request: its connection is closed. Clients try again after 503, by the protocol. */
function end(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain',
    connection: 'close',
    ...(status === 405 && { allow: 'POST' }),
    ...(status === 503 && { 'retry-after': '1' }),
  });
  response.end(`${reason}\n`);
}
