import { stripInvisible } from '../../text/present-text.js';
import type { MemoryKind } from '../memory-types.js';
import type { ExportRecord } from './transfer-types.js';

const TITLES: Record<MemoryKind, string> = { stash: 'Stashes', insight: 'Insights', decision: 'Decisions' };
const TITLE_CHARS = 80;

/** The first lines of a document for reading. */
export function writeTitle(root: string, at: Date): string {
  return `# What is remembered of ${stripInvisible(root)}\n\nExported ${at.toISOString()} by PopStash. For reading: \`popstash import\` takes the JSONL form.`;
}

/** A live memory as a section. @param isFirst of its kind: a heading comes before it */
export function writeSection(record: ExportRecord, isFirst: boolean): string {
  const { kind, id, name, text, reasoning, tags, files, author, createdAt, provenance } = record;
  const facts = [
    `\`${id}\``,
    author ? `by ${author.name}` : null,
    createdAt.toISOString().slice(0, 10),
    tags.length > 0 ? `tags: ${tags.join(', ')}` : null,
    files.length > 0 ? `files: ${files.join(', ')}` : null,
    provenance ? `from ${provenance.source}` : null,
  ];
  const [firstLine = ''] = text.trim().split('\n');
  return [
    ...(isFirst ? [`## ${TITLES[kind]}`, ''] : []),
    `### ${name ?? firstLine.replace(/^#+\s*/, '').slice(0, TITLE_CHARS)}`,
    '',
    `*${facts.filter((fact) => fact !== null).join(' · ')}*`,
    '',
    text,
    ...(reasoning === null ? [] : ['', `**Reasoning:** ${reasoning}`]),
  ]
    .map(stripInvisible)
    .join('\n');
}
