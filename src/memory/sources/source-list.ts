import { readBeads } from './beads.js';
import { readClaudeMem } from './claude-mem.js';
import { readInstructions } from './instruction-files.js';
import { readMcpMemoryService } from './mcp-memory-service.js';
import { readBasicMemory, readClaudeCodeMemory, readCursorRule } from './note-files.js';
import { readOwnExport } from './own-export.js';
import { readServerMemory } from './server-memory.js';
import type { SourceReading } from './source-types.js';

/** Formats that an import reads, as --from names them. */
export const SOURCE_NAMES = [
  'popstash',
  'server-memory',
  'mcp-memory-service',
  'claude-mem',
  'basic-memory',
  'beads',
  'claude-code',
  'instructions',
  'cursor-rules',
] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** For people: what `--from auto` reads. */
export const FOUND_BY_THEMSELVES =
  'what claude-code, instructions, cursor-rules, beads and server-memory have of this project';

/** What a format consists of. */
export interface Source {
  /** For people: what `--from` means by it. */
  what: string;
  /** Files of a folder that are read, when the format is one of folders. */
  files: RegExp | null;
  /** @param path relative to the folder, or the file's name. @throws AppError when it is of another format */
  read(text: string, path: string): SourceReading;
}

const NOTES = /\.md$/i;

export const SOURCES: Readonly<Record<SourceName, Source>> = {
  popstash: { what: 'an export of PopStash', files: null, read: readOwnExport },
  'server-memory': { what: "the JSONL file of MCP's server-memory", files: null, read: readServerMemory },
  'mcp-memory-service': { what: 'a JSON export of mcp-memory-service', files: null, read: readMcpMemoryService },
  'claude-mem': { what: 'a JSON export of claude-mem', files: null, read: readClaudeMem },
  'basic-memory': {
    what: 'a folder of notes of basic-memory',
    files: NOTES,
    read: (text, path) => readBasicMemory(path, text),
  },
  beads: { what: 'the issues of beads (.beads/issues.jsonl)', files: /^(issues|beads)\.jsonl$/, read: readBeads },
  'claude-code': {
    what: "Claude Code's own memory of this project",
    files: NOTES,
    read: (text, path) => readClaudeCodeMemory(path, text),
  },
  instructions: {
    what: 'sections of CLAUDE.md and AGENTS.md',
    files: /^(CLAUDE|AGENTS)(\.local)?\.md$/,
    read: (text, path) => readInstructions('instructions', path, text),
  },
  'cursor-rules': {
    what: 'rules of Cursor (.cursor/rules)',
    files: /\.mdc?$|^\.cursorrules$/i,
    read: (text, path) => readCursorRule(path, text),
  },
};
