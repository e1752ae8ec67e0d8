import type { Caller } from '../../mcp/admin/memory-protocol.js';
import { nameUser } from '../../user-places.js';

/** Who runs this command, for the author of what it writes. */
export function callingPerson(): Caller {
  return { by: nameUser(), pid: process.pid, cwd: process.cwd() };
}
