import { context, type Span, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import type { Pool, PoolClient } from 'pg';
import { markType } from './mark-failed.js';
import { createSummarizer, type StatementSummary } from './summarize-statement.js';

type Query = (...args: unknown[]) => unknown;
type Done = (error: unknown, result?: unknown) => void;
type Connect = (done?: Done) => unknown;

/**
 * Makes each statement of a pool a CLIENT span by the stable database conventions, below the active span only: what the
 * product does by its own clock makes none. The same for PostgreSQL and for the embedded database, which is a pg.Pool.
 * Neither text nor values are recorded.
 */
export function traceQueries(pool: Pool, namespace: string, tracer: Tracer): void {
  const summarize = createSummarizer();

  function start(args: unknown[]): Span | null {
    if (trace.getActiveSpan()?.isRecording() !== true) return null;
    const text = textOf(args[0]);
    return text === null ? null : startSpan(tracer, namespace, summarize(text));
  }

  pool.on('connect', (client) => wrapClient(client, start));
  // The pool calls back in the context of the statement that freed the connection, which may belong to another trace.
  const connect = pool.connect.bind(pool) as unknown as Connect;
  pool.connect = ((done?: Done) => connect(done && context.bind(context.active(), done))) as typeof pool.connect;
}

function startSpan(tracer: Tracer, namespace: string, statement: StatementSummary): Span {
  const { summary, operation, collection, procedure } = statement;
  return tracer.startSpan(summary, {
    kind: SpanKind.CLIENT,
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': namespace,
      'db.operation.name': operation,
      'db.query.summary': summary,
      ...(collection !== undefined && { 'db.collection.name': collection }),
      ...(procedure !== undefined && { 'db.stored_procedure.name': procedure }),
    },
  });
}

function wrapClient(client: PoolClient, start: (args: unknown[]) => Span | null): void {
  const query = client.query.bind(client) as unknown as Query;
  const traced: Query = (...args) => {
    const span = start(args);
    if (!span) return query(...args);
    const last = args.at(-1);
    if (typeof last === 'function') {
      const done = context.bind(context.active(), last as Done);
      const ended: Done = (error, result) => {
        end(span, error);
        done(error, result);
      };
      return query(...args.slice(0, -1), ended);
    }
    const running = query(...args);
    if (running instanceof Promise) {
      running.then(
        () => end(span, null),
        (error: unknown) => end(span, error),
      );
    } else end(span, null);
    return running;
  };
  client.query = traced as typeof client.query;
}

/** A refusal is named by its SQLSTATE alone: the database's message may quote a value. */
function end(span: Span, error: unknown): void {
  if (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string') span.setAttribute('db.response.status_code', code);
    markType(span, typeof code === 'string' ? code : error instanceof Error ? error.name : 'error');
  }
  span.end();
}

/** Null for what is no statement of text: a cursor or a stream submits itself. */
function textOf(query: unknown): string | null {
  if (typeof query === 'string') return query;
  if (typeof query !== 'object' || query === null || 'submit' in query) return null;
  const { text } = query as { text?: unknown };
  return typeof text === 'string' ? text : null;
}
