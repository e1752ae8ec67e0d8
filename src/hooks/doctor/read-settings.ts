import { wordError } from '../../word-error.js';
import type { HookSources } from '../definition/client-files.js';
import { asFields, type Fields } from '../definition/payload-fields.js';
import { readOrNull } from '../install/read-or-null.js';
import { readJson } from '../install/texts/edit-json.js';

/** A file of a client's settings. */
export interface SettingsFile {
  path: string;
  /** None where the client takes the file for nothing. */
  settings: Fields;
  /** The reason, where the file has a hook of ours. */
  fault?: string;
}

/** The files of a client's settings that are there, as the client reads them, the weakest first. */
export function readSettings(
  { paths, rules }: HookSources,
  isOurs: (text: string) => boolean = () => false,
): SettingsFile[] {
  return paths.flatMap((path) => {
    const text = readOrNull(path);
    if (text === null) return [];
    const { settings, fault } = parse(text.replace(/^\ufeff/, ''), rules);
    return [
      { path, settings, ...(fault !== undefined && isOurs(text) && { fault: `${path} can't be read: ${fault}` }) },
    ];
  });
}

function parse(text: string, rules: HookSources['rules']): { settings: Fields; fault?: string } {
  try {
    const settings = asFields(readJson(text, []));
    const fault = rules?.fileFault(text, settings);
    return fault === undefined ? { settings } : { settings: {}, fault };
  } catch (error) {
    return { settings: {}, fault: wordError(error) };
  }
}
