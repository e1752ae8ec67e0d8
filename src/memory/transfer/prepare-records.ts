import { createHash } from 'node:crypto';
import { AppError } from '../../errors.js';
import { createInputCleaner } from '../../text/clean-input.js';
import { isIdOf } from '../../text/ids.js';
import type { Redactor } from '../../text/redact.js';
import { ID_PREFIXES } from '../memory-ids.js';
import type { ImportRecord } from './transfer-types.js';

/** A record that may be stored, or why not. */
export type PreparedRecord =
  | { record: ImportRecord; hash: Buffer; redacted: string[] }
  | { refusal: string; redacted: string[] };

/** Checks a record and takes secrets out, as of what agents write. */
export async function prepareRecord(redactor: Redactor, given: ImportRecord): Promise<PreparedRecord> {
  const clean = createInputCleaner(redactor);
  try {
    const record = await cleanRecord(clean, given);
    return { record, hash: hashContent(record), redacted: clean.redacted().kinds };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { refusal: error.message, redacted: clean.redacted().kinds };
  }
}

async function cleanRecord(clean: ReturnType<typeof createInputCleaner>, given: ImportRecord): Promise<ImportRecord> {
  const { kind, id } = given;
  if (id !== null && !isIdOf(ID_PREFIXES[kind], id)) {
    throw new AppError({ code: 'invalid_argument', message: `id is not that of a ${kind}.`, fix: 'Leave it out.' });
  }
  const name = given.name === null && kind === 'insight' ? null : await clean.label('name', given.name ?? '');
  const author = given.author && { id: given.author.id, name: await clean.label('author', given.author.name) };
  return {
    ...given,
    name,
    author,
    text: await clean.text('text', given.text),
    reasoning: given.reasoning === null ? null : await clean.text('reasoning', given.reasoning),
    tags: await clean.labels('tags', given.tags),
    files: await clean.paths('files', given.files),
    metadata: await clean.json('metadata', given.metadata),
    provenance: { source: given.provenance.source, key: await clean.text('key', given.provenance.key, 4_096) },
  };
}

/** Of what a source says of a memory, without its time. */
function hashContent({ kind, name, text, reasoning, tags, files, metadata }: ImportRecord): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([kind, name, text, reasoning, tags, files, metadata]))
    .digest();
}
