import { AppError } from '../../errors.js';
import type { AddCommand, CommandContext } from '../context/command-context.js';
import { writeError } from '../terminal/write-error.js';

const EXAMPLES = `
Examples:
  popstash edit insight_k3v0q8x2m1t7b5ra                  opens it in $EDITOR; saving writes a new version
  popstash edit stash_0123456789abcdef --file new.md      takes what the editor would have saved from a file
  popstash edit dec_0123456789abcdef --print > new.md     writes that file`;

interface EditOptions {
  file?: string;
  print?: boolean;
  json?: boolean;
}

export const addEdit: AddCommand = (program, context) => {
  program
    .command('edit <id>')
    .description('Edit a stash, insight or decision in $EDITOR; the old text stays as an earlier version')
    .option('--file <path>', 'read the edited text from this file instead (- is stdin)')
    .option('--print', 'write the text to edit to stdout and change nothing')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action((id: string, options: EditOptions) => runEdit(context, id, options));
};

async function runEdit(context: CommandContext, id: string, { file, print, json }: EditOptions): Promise<void> {
  const [{ connectToServer }, { readEditText, writeEditText }, { callingPerson }, { isDeepStrictEqual }] =
    await Promise.all([
      import('../context/ask-server.js'),
      import('./edit-text.js'),
      import('../context/calling-person.js'),
      import('node:util'),
    ]);
  const server = await connectToServer(context);
  try {
    const { record, now } = await server.ask('show', { id, history: false });
    const before = writeEditText(record);
    if (print) {
      context.writeText(before.text.slice(0, -1));
      return;
    }
    refuseDead(record, now);
    const edited = file === undefined ? await editCopy(context, id, before.text) : await readFrom(file);
    try {
      const memory = readEditText(record.kind, edited.text, before.divider);
      if (isDeepStrictEqual(memory, readEditText(record.kind, before.text, before.divider))) {
        context.write(json ? JSON.stringify({ id, changed: false }) : 'Nothing was changed.');
        await edited.discard();
        return;
      }
      const { id: newId, redacted } = await server.ask('edit', { id, ...memory, ...callingPerson() });
      const { kinds, places } = redacted;
      const secrets = places.length > 0 ? ` Taken out before it was stored: ${places.join('; ')}.` : '';
      context.write(
        json
          ? JSON.stringify({ id: newId, changed: true, replaced: id, redacted: kinds, redacted_at: places })
          : `Saved as ${newId}; ${id} is an earlier version now.${secrets}`,
      );
    } catch (error) {
      if (edited.path !== null) writeError(`What you wrote is kept in ${edited.path}`);
      throw error;
    }
    await edited.discard();
  } finally {
    await server.close();
  }
}

function refuseDead(
  record: { id: string; supersededBy: string | null; forgottenAt: Date | null; expiresAt: Date | null },
  now: Date,
): void {
  const { id, supersededBy, forgottenAt, expiresAt } = record;
  const isExpired = expiresAt !== null && expiresAt <= now;
  if (supersededBy === null && !forgottenAt && !isExpired) return;
  throw new AppError({
    code: 'conflict',
    message: `${id} is not live: it ${forgottenAt ? 'was forgotten' : isExpired ? 'has expired' : `was superseded by ${supersededBy}`}.`,
    fix: forgottenAt
      ? `popstash restore ${id} brings it back.`
      : isExpired
        ? 'Save a new stash of that name.'
        : `popstash show ${id} --history names the live version: edit that one.`,
  });
}

interface EditedFile {
  text: string;
  /** Where a person finds it when it could not be saved; null where it is theirs. */
  path: string | null;
  discard(): Promise<void>;
}

/** Lets the user edit a copy that nobody else can read. */
async function editCopy({ env }: CommandContext, id: string, text: string): Promise<EditedFile> {
  const [{ mkdtemp, readFile, rm, writeFile }, { tmpdir }, { join }, { openEditor }] = await Promise.all([
    import('node:fs/promises'),
    import('node:os'),
    import('node:path'),
    import('./open-editor.js'),
  ]);
  const folder = await mkdtemp(join(tmpdir(), 'popstash-edit-'));
  const path = join(folder, `${id}.md`);
  await writeFile(path, text, { mode: 0o600 });
  await openEditor(env, path);
  return {
    text: await readFile(path, 'utf8'),
    path,
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readFrom(file: string): Promise<EditedFile> {
  const { readInput } = await import('../context/read-input.js');
  return { text: await readInput(file), path: null, discard: async () => undefined };
}
