import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { AppError } from '../errors.js';
import { maskSecrets } from '../text/mask-secrets.js';

/** An AppError is an expected answer: it marks the span; anything else is recorded with its stack. */
export function markFailed(span: Span, error: unknown): void {
  if (error instanceof AppError) {
    markType(span, error.code);
    return;
  }
  const exception = error instanceof Error ? error : new Error(String(error));
  // A message of a library may quote what it was given.
  const message = maskSecrets(exception.message);
  span.recordException({ name: exception.name, message, stack: maskSecrets(exception.stack ?? '') });
  span.setAttribute('error.type', exception.name);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** Marks a span as failed with `error.type`. */
export function markType(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, message: type });
}
