import { isDeepStrictEqual } from 'node:util';
import { parse } from 'smol-toml';
import { isReceiverUrl } from '../../receiver-address.js';
import type { Fields, JsonSettings, TelemetryFile, TomlSettings } from '../definition/telemetry-file.js';
import type { Target } from './install-types.js';
import { editJson, readJson, removeEmptyJson, removeFromJson, removeJson, setJson } from './texts/edit-json.js';
import { appendBlock, cutBlock, removeBlock } from './texts/text-block.js';

const MARKERS = { begin: '# popstash: begin (popstash init --undo takes this out)', end: '# popstash: end' };

/** @throws from `add`: Error when the client's telemetry goes elsewhere, or the file can't be read */
export function telemetryTarget(file: TelemetryFile): Target {
  return file.kind === 'json' ? jsonTarget(file) : tomlTarget(file);
}

function jsonTarget({ path, field, values, elsewhere }: JsonSettings): Target {
  const readField = (text: string) => (readJson(text, [field]) ?? {}) as Fields;
  return {
    path,
    isExecutable: false,
    add: (before) =>
      editJson(before, (text) => {
        const reason = elsewhere(readField(text));
        if (reason !== null) throw new Error(`its telemetry goes elsewhere: ${reason}`);
        return Object.entries(values).reduce((edited, [name, value]) => setJson(edited, [field, name], value), text);
      }),
    remove: (content) =>
      removeFromJson(content, (text) => {
        const present = readField(text);
        if (!Object.values(present).some(isOurs)) return text;
        const own = Object.keys(values).filter(
          (name) => isOurs(present[name]) || isDeepStrictEqual(present[name], values[name]),
        );
        const without = own.reduce((edited, name) => removeJson(edited, [field, name]), text);
        return removeEmptyJson(without, [field]);
      }),
  };
}

/** Also with another port than today's. */
function isOurs(value: unknown): boolean {
  return isReceiverUrl(value);
}

/** At the end of the file: a table goes on to the next one, so it can stand nowhere else. */
function tomlTarget({ path, table, key, line }: TomlSettings): Target {
  return {
    path,
    isExecutable: false,
    add(before) {
      const text = before ?? '';
      if (table in parse(cutBlock(text, MARKERS))) {
        throw new Error(`it has telemetry settings already: its table "${table}"`);
      }
      const edited = appendBlock(text, MARKERS, [`[${table}]`, line]);
      // What came after our block since then may belong to its table.
      if (Object.keys(parse(edited)[table] as object).join() !== key) {
        throw new Error(`settings follow those of popstash in its table "${table}"`);
      }
      return edited;
    },
    remove: (content) => removeBlock(content, MARKERS),
  };
}
