import { isDeepStrictEqual } from 'node:util';
import { parse } from 'smol-toml';
import type { ServerEntry, ServersFile, ServerTablesFile } from '../definition/client-files.js';
import type { Target } from './install-types.js';
import { editJson, removeEmptyJson, removeFromJson, removeJson, setJson } from './texts/edit-json.js';
import { appendBlock, cutBlock, removeBlock } from './texts/text-block.js';

const NAME = 'popstash';
const MARKERS = {
  begin: '# popstash server: begin (popstash uninstall takes this out)',
  end: '# popstash server: end',
};

/** PopStash among the servers of a JSON file, in place. */
export function serversTarget({ path, field, entry = (server) => server }: ServersFile, server: ServerEntry): Target {
  const value = entry(server);
  return {
    path,
    isExecutable: false,
    paste: JSON.stringify({ [field]: { [NAME]: value } }, null, 2),
    add: (before) => editJson(before, (text) => setJson(text, [field, NAME], value)),
    remove: (content) =>
      removeFromJson(content, (text) => {
        const without = removeJson(text, [field, NAME]);
        return without === text ? text : removeEmptyJson(without, [field]);
      }),
  };
}

/**
 * PopStash as a table at the end of a TOML file, between two comments: all else stays as it is, since a table goes on to the
 * next one and can stand anywhere.
 */
export function serverTablesTarget({ path, table }: ServerTablesFile, server: ServerEntry): Target {
  const lines = [
    `[${table}.${NAME}]`,
    `command = ${quote(server.command)}`,
    `args = [${server.args.map(quote).join(', ')}]`,
    ...(server.env ? [`env = { ${Object.entries(server.env).map(pair).join(', ')} }`] : []),
  ];
  return {
    path,
    isExecutable: false,
    paste: lines.join('\n'),
    add(before) {
      const text = before ?? '';
      const own = readEntry(cutBlock(text, MARKERS), table);
      if (own !== undefined) {
        if (isDeepStrictEqual(own, { ...server })) return text;
        throw new Error(`its table "${table}.${NAME}" is not of popstash init: take it out first`);
      }
      const edited = appendBlock(text, MARKERS, lines);
      const written = readEntry(edited, table);
      // What came after our block since then may belong to its table.
      if (!isDeepStrictEqual(written, { ...server }))
        throw new Error(`popstash can not add its table "${table}.${NAME}" so that it means what it says`);
      return edited;
    },
    remove: (content) => removeBlock(content, MARKERS),
  };
}

/** @throws Error when the text is no TOML */
function readEntry(text: string, table: string): unknown {
  const servers = parse(text.replace(/^\ufeff/, ''))[table];
  if (typeof servers !== 'object' || servers === null) return undefined;
  const entry = (servers as Record<string, unknown>)[NAME];
  return entry === undefined ? undefined : JSON.parse(JSON.stringify(entry));
}

/** A basic string of TOML: JSON's is one, but for a delete character. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll('\x7f', '\\u007f');
}

function pair([name, value]: [string, string]): string {
  return `${quote(name)} = ${quote(value)}`;
}
