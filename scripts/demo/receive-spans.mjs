// @ts-check
// The demo's own collector: OTLP/HTTP in JSON, traces only, kept in memory.
import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * @typedef {object} Span
 * @property {string} name
 * @property {string} traceId
 * @property {string} spanId
 * @property {string} parentSpanId
 * @property {number} start in ms
 * @property {number} end in ms
 */

const NANOSECONDS_PER_MS = 1_000_000n;
const MICROSECONDS = 1_000n;

/** Nanoseconds, which a number can't hold, as ms with three decimals. @param {string | number} value */
const readTime = (value) => Number(BigInt(value) / MICROSECONDS) / Number(NANOSECONDS_PER_MS / MICROSECONDS);

/** @param {any} body ExportTraceServiceRequest @returns {Span[]} */
function readSpans(body) {
  const scopes = (body.resourceSpans ?? []).flatMap((/** @type {any} */ resource) => resource.scopeSpans ?? []);
  return scopes
    .flatMap((/** @type {any} */ scope) => scope.spans ?? [])
    .map((/** @type {any} */ span) => ({
      name: span.name,
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: span.parentSpanId ?? '',
      start: readTime(span.startTimeUnixNano),
      end: readTime(span.endTimeUnixNano),
    }));
}

/** What OTEL_EXPORTER_OTLP_TRACES_ENDPOINT wants, and the spans that come. */
export async function startReceiver() {
  /** @type {Span[]} */
  const spans = [];
  /** @type {Set<() => void>} */
  const waiting = new Set();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    spans.push(...readSpans(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    for (const look of waiting) look();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    endpoint: `http://127.0.0.1:${port}/v1/traces`,
    /**
     * The spans of a trace, as soon as those that are asked for are among them.
     * @param {string} traceId @param {readonly string[]} names @param {number} timeoutMs @returns {Promise<Span[]>}
     */
    waitForTrace(traceId, names, timeoutMs) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const trace = spans.filter((span) => span.traceId === traceId);
          if (!names.every((name) => trace.some((span) => span.name === name))) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(trace);
        };
        const timer = setTimeout(() => reject(new Error(`no trace with ${names.join(', ')} arrived`)), timeoutMs);
        waiting.add(look);
        look();
      });
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
