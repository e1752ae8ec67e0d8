import type { Telemetry } from '../telemetry/telemetry-types.js';
import type { Redactor } from '../text/redact.js';
import type { OriginNotes } from './origins/note-origins.js';

/** What every service that writes memories uses. */
export interface MemoryWriteDeps {
  /** Asks for the vectors of passages, after the commit that wrote them. Returns at once and never fails. */
  enqueueEmbedding: (passageIds: readonly string[]) => void;
  redactor: Redactor;
  telemetry: Telemetry;
}

/** What services use whose memories are written in a worktree. */
export interface PlacedWriteDeps extends MemoryWriteDeps {
  /** Notes where a memory is written, behind the write. */
  notes: OriginNotes;
}
