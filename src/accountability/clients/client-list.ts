import type { ClientSource } from '../transcripts/source-types.js';
import { claude } from './claude.js';
import { cline } from './cline.js';
import { codex } from './codex.js';
import { gemini } from './gemini.js';
import { opencode } from './opencode.js';

/** Every client whose files hold usage. A new client is a new line. */
export const CLIENT_SOURCES: readonly ClientSource[] = [claude, codex, gemini, cline, opencode];
