import type { ClientSource } from '../transcripts/source-types.js';
import { claude } from './claude.js';
import { cline } from './cline.js';
import { codex } from './codex.js';
import { gemini } from './gemini.js';
import { opencode } from './opencode.js';

/** Every client whose files hold usage. A new client is a new line. */
export const CLIENT_SOURCES: readonly ClientSource[] = [claude, codex, gemini, cline, opencode];

/** Clients that keep no tokens on the user's disk, and what to say of their usage. */
export const UNREPORTED_CLIENTS: Readonly<Record<string, string>> = {
  cursor: 'not reported: Cursor writes no tokens to disk',
};
