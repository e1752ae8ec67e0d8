import { isSpanContextValid, trace } from '@opentelemetry/api';
import { type AnyValueMap, logs, SeverityNumber } from '@opentelemetry/api-logs';
import type { LogTap } from '../logger.js';

/** pino's levels. */
const SEVERITIES: readonly (readonly [level: number, severity: SeverityNumber, text: string])[] = [
  [60, SeverityNumber.FATAL, 'FATAL'],
  [50, SeverityNumber.ERROR, 'ERROR'],
  [40, SeverityNumber.WARN, 'WARN'],
  [30, SeverityNumber.INFO, 'INFO'],
  [20, SeverityNumber.DEBUG, 'DEBUG'],
  [0, SeverityNumber.TRACE, 'TRACE'],
];

interface LogLine {
  level: number;
  time: number;
  msg?: string;
  name?: string;
  pid?: number;
  [field: string]: unknown;
}

/**
 * Gives log lines the ids of the active span, and sends them through OTLP when logs are on. They stay on stderr.
 * @param exports false: ids alone
 */
export function createLogTap(version: string, exports: boolean): LogTap {
  const logger = logs.getLogger('popstash', version);
  return {
    fields() {
      const span = trace.getActiveSpan()?.spanContext();
      return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
    },
    line(text) {
      if (!exports) return;
      const { level, time, msg, pid: _pid, trace_id: _trace, span_id: _span, ...fields } = JSON.parse(text) as LogLine;
      const [, severityNumber, severityText] = SEVERITIES.find(([least]) => level >= least) ?? [
        0,
        SeverityNumber.UNSPECIFIED,
        '',
      ];
      // The active context gives the record its trace id and span id.
      logger.emit({ timestamp: time, severityNumber, severityText, body: msg ?? '', attributes: flatten(fields) });
    },
  };
}

/** An error by the semantic conventions; what is neither text nor number as JSON. */
function flatten({ err, name, ...fields }: Record<string, unknown>): AnyValueMap {
  const attributes: AnyValueMap = {};
  if (typeof name === 'string') attributes['popstash.process'] = name;
  if (typeof err === 'object' && err !== null) {
    const { type, message, stack } = err as { type?: string; message?: string; stack?: string };
    Object.assign(attributes, {
      'exception.type': type ?? 'Error',
      'exception.message': message ?? '',
      'exception.stacktrace': stack ?? '',
    });
  }
  for (const [key, value] of Object.entries(fields)) {
    const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (value !== undefined && value !== null) attributes[key] = isPlain ? value : JSON.stringify(value);
  }
  return attributes;
}
