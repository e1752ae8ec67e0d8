import { type SourceReading, toRecord } from './source-types.js';
import { splitSections } from './split-sections.js';

/** What `popstash init` writes into such files is about PopStash itself. */
const OWN_BLOCK = /<!-- popstash: begin -->[\s\S]*?<!-- popstash: end -->/g;

/**
 * CLAUDE.md and AGENTS.md (https://agents.md): Markdown for agents. Each section becomes an insight under its headings.
 * @param file its name, as keys begin with it
 */
export function readInstructions(source: string, file: string, text: string): SourceReading {
  const records = splitSections(text.replace(OWN_BLOCK, '')).map(({ path, text: body }) =>
    toRecord(source, {
      kind: 'insight',
      key: JSON.stringify([file, ...path]),
      name: nameSection(file, path),
      text: body,
      tags: [file],
    }),
  );
  return { records, problems: [] };
}

/** Names have 200 characters at most. */
export function nameSection(file: string, path: readonly string[]): string {
  return [...[file, ...path].join(' > ').replace(/\s+/g, ' ')].slice(0, 200).join('');
}
