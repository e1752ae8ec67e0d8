import type { Producer } from '../queue/catalog.js';
import type { Telemetry } from '../telemetry/telemetry-types.js';
import type { Redactor } from '../text/redact.js';

/** What every service that writes memories uses. */
export interface MemoryWriteDeps {
  producer: Producer;
  redactor: Redactor;
  telemetry: Telemetry;
}
