import { readFileSync } from 'node:fs';
import type { ClientFile, ServerEntry } from '../definition/client-files.js';
import type { ClientDefinition } from '../definition/define-client.js';
import { asFields, asText, asTexts } from '../definition/payload-fields.js';
import { readJson } from '../install/edit-json.js';

/** How a client starts PopStash, by its own files: those of the project before those of the user. Null when none says it. */
export function findServerEntry(
  client: ClientDefinition,
  { worktree, home }: { worktree: string; home: string },
): (ServerEntry & { path: string }) | null {
  const files: ClientFile[] = [...client.files({ worktree, home }), ...(client.userFiles?.(home) ?? [])];
  for (const file of files) {
    if (file.kind !== 'servers') continue;
    const entry = readEntry(file.path, file.field);
    if (entry) return { ...entry, path: file.path };
  }
  return null;
}

function readEntry(path: string, field: string): ServerEntry | null {
  try {
    const entry = asFields(readJson(readFileSync(path, 'utf8').replace(/^\ufeff/, ''), [field, 'popstash']));
    const command = asText(entry.command);
    if (command === undefined) return null;
    const env = Object.entries(asFields(entry.env)).filter(
      (each): each is [string, string] => asText(each[1]) !== undefined,
    );
    return { command, args: asTexts(entry.args), env: Object.fromEntries(env) };
  } catch {
    // Absent, or no JSON: other checks say so.
    return null;
  }
}
