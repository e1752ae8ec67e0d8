import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asFields, asText } from '../definition/payload-fields.js';

/** PopStash among Claude Code's plugins, whatever the marketplace. */
const OURS = /^popstash@/;

/**
 * The files of hooks that PopStash's plugin brings, where it is installed and enabled (seen with Claude Code 2.1.328).
 * @param folder `.claude` of the user
 * @param settings files that may enable it, the weakest first
 */
export function listPluginHooks(folder: string, settings: readonly string[]): string[] {
  const { plugins } = asFields(readJson(join(folder, 'plugins', 'installed_plugins.json')));
  return Object.entries(asFields(plugins)).flatMap(([name, installs]) => {
    const said = settings.map((path) => asFields(asFields(readJson(path)).enabledPlugins)[name]);
    const isEnabled = said.findLast((each) => each !== undefined) === true;
    if (!OURS.test(name) || !isEnabled || !Array.isArray(installs)) return [];
    const places = installs.flatMap((install) => asText(asFields(install).installPath) ?? []);
    return places.map((place) => join(place, 'hooks', 'hooks.json'));
  });
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
