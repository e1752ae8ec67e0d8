import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { AppError } from '../errors.js';

/** An AppError is an expected answer: it marks the span; anything else is recorded with its stack. */
export function markFailed(span: Span, error: unknown): void {
  if (error instanceof AppError) {
    markType(span, error.code);
    return;
  }
  const exception = error instanceof Error ? error : new Error(String(error));
  span.recordException(exception);
  span.setAttribute('error.type', exception.name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
}

/** Marks a span as failed with `error.type`. */
export function markType(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message: type });
}
