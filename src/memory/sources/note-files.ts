import { nameSection, readInstructions } from './instruction-files.js';
import { readFrontMatter } from './read-front-matter.js';
import { readIso } from './read-time.js';
import { type SourceReading, toRecord } from './source-types.js';

/**
 * A note of basic-memory: Markdown with title, type, tags and permalink; observations `- [category] text #tag` and
 * relations `- type [[Note]]` stay in its text (https://docs.basicmemory.com/guides/knowledge-format).
 * @param path relative to the folder of notes
 */
export function readBasicMemory(path: string, text: string): SourceReading {
  const { fields, body } = readFrontMatter(text);
  const title = fields.get('title')?.[0] ?? path.replace(/\.md$/i, '');
  const inline = [...body.matchAll(/(?:^|\s)#([\p{L}\p{N}_/-]+)/gu)].map(([, tag = '']) => tag);
  const tags = (fields.get('tags') ?? []).flatMap((tag) => tag.split(',')).map((tag) => tag.trim().replace(/^#/, ''));
  return noteOf('basic-memory', {
    key: fields.get('permalink')?.[0] ?? path,
    name: nameSection(title, []),
    text: body.trim(),
    tags: [...new Set([...tags, ...inline])].filter((tag) => tag !== ''),
    createdAt: readIso(fields.get('created')?.[0]),
  });
}

/**
 * A note of Claude Code's own memory: MEMORY.md, whose sections become insights, and one fact in each other file, with
 * name, description and metadata.type (https://docs.rs/claude-wrapper/latest/claude_wrapper/memory; Anthropic documents
 * the folder, not the form).
 */
export function readClaudeCodeMemory(path: string, text: string): SourceReading {
  const { fields, body } = readFrontMatter(text);
  if (path === 'MEMORY.md') return readInstructions('claude-code', 'MEMORY.md', body);
  const name = fields.get('name')?.[0] ?? path.replace(/\.md$/i, '');
  const description = fields.get('description')?.[0];
  const type = fields.get('metadata.type')?.[0] ?? fields.get('type')?.[0];
  return noteOf('claude-code', {
    key: path,
    name: nameSection(name, []),
    text: [description, body.trim()].filter(Boolean).join('\n\n'),
    tags: type ? [type] : [],
  });
}

/**
 * A rule of Cursor: .cursor/rules/*.mdc with description, globs and alwaysApply (https://cursor.com/docs/context/rules), or
 * the older .cursorrules without a head.
 */
export function readCursorRule(path: string, text: string): SourceReading {
  const { fields, body } = readFrontMatter(text);
  const globs = (fields.get('globs') ?? []).flatMap((glob) => glob.split(',')).map((glob) => glob.trim());
  const lines = [
    fields.get('description')?.[0],
    globs.filter(Boolean).length > 0 ? `For files: ${globs.filter(Boolean).join(', ')}` : null,
    body.trim(),
  ];
  return noteOf('cursor-rules', {
    key: path,
    name: nameSection(`Cursor rule ${path.replace(/\.mdc?$/i, '')}`, []),
    text: lines.filter(Boolean).join('\n\n'),
    tags: ['cursor-rules'],
  });
}

function noteOf(
  source: string,
  note: { key: string; name: string; text: string; tags: string[]; createdAt?: Date | null },
): SourceReading {
  if (note.text === '') return { records: [], problems: [] };
  return { records: [toRecord(source, { kind: 'insight', ...note })], problems: [] };
}
