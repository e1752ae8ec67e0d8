import { parse as parseToml } from 'smol-toml';
import type { ClientFile, HookPlaces, ServerEntry, ServersFile, ServerTablesFile } from '../definition/client-files.js';
import type { ClientDefinition } from '../definition/define-client.js';
import { asFields, asText, asTexts, type Fields } from '../definition/payload-fields.js';
import { readOrNull } from '../install/read-or-null.js';
import { readJson } from '../install/texts/edit-json.js';
import { readSettings } from './read-settings.js';

export interface FoundServer extends ServerEntry {
  path: string;
  /** Why the client does not start it. */
  fault?: string;
}

/** How a client starts PopStash, by its own files: those of the project before those of the user. Null when none says it. */
export function findServerEntry(client: ClientDefinition, worktree: string, places: HookPlaces): FoundServer | null {
  const { home } = places;
  const files: ClientFile[] = [...client.files({ worktree, home }), ...(client.userFiles?.(home) ?? [])];
  const sources = client.hookSources(places);
  for (const file of files) {
    if (file.kind !== 'servers' && file.kind !== 'server-tables') continue;
    const found = readEntry(file);
    if (!found) continue;
    const { server, entry, text } = found;
    const settings = sources.kind === 'hooks' ? readSettings(sources).map((each) => each.settings) : [];
    const fault = client.serverFault?.({ entry, text, settings });
    return { ...server, path: file.path, ...(fault !== undefined && { fault }) };
  }
  return null;
}

function readEntry(file: ServersFile | ServerTablesFile): { server: ServerEntry; entry: Fields; text: string } | null {
  try {
    const text = (readOrNull(file.path) ?? '').replace(/^\ufeff/, '');
    const entry = asFields(
      file.kind === 'servers'
        ? readJson(text, [file.field, 'popstash'])
        : asFields(parseToml(text)[file.table]).popstash,
    );
    // Some clients have the whole command in one list.
    const [first, ...rest] = asTexts(entry.command);
    const command = asText(entry.command) ?? first;
    if (command === undefined) return null;
    const env = Object.entries(asFields(entry.env ?? entry.environment)).filter(
      (each): each is [string, string] => asText(each[1]) !== undefined,
    );
    return {
      server: { command, args: first === undefined ? asTexts(entry.args) : rest, env: Object.fromEntries(env) },
      entry,
      text,
    };
  } catch {
    // Absent, or written in no such form: other checks say so.
    return null;
  }
}
