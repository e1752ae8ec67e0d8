import { pino } from 'pino';
import { createTelemetry } from '../../../src/telemetry/create-telemetry.js';

/** What a process without an OTLP endpoint gets. */
export const noTelemetry = await createTelemetry({ telemetry: undefined, version: 'test' }, pino({ level: 'silent' }));
