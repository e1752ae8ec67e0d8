import type { Producer } from '../../queue/catalog.js';
import type { Telemetry } from '../../telemetry/telemetry-types.js';
import type { Redactor } from '../../text/redact.js';

/** What every service that writes memories uses. */
export interface MemoryWriteDeps {
  producer: Producer;
  redactor: Redactor;
  telemetry: Telemetry;
}

/** How a write came: `resent` when the client's connection was lost and the call may have been carried out already. */
export interface WriteOptions {
  resent?: boolean;
}
