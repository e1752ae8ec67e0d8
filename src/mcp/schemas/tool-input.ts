import * as z from 'zod';

/** Longest wait of one call, in seconds: clients give up on a call after a minute. */
const MAX_WAIT_SECONDS = 50;
const MAX_PATTERNS = 100;

/** Arguments that several tools share. */
export const patterns = z.array(z.string()).max(MAX_PATTERNS).describe('Paths or globs');
export const ttl_minutes = z.int().min(1).max(1_440).optional().describe('Lock life, default 15');
export const wait_seconds = z.int().min(0).max(MAX_WAIT_SECONDS).default(0).describe('Queue for held files');
/** The handle that start_task mints: it tells the agent where the protocol has no connections, and the task everywhere. */
export const session_id = z.string().optional().describe('From start_task');
