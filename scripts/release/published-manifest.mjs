// @ts-check
import { PLATFORMS, runtimeName } from './platforms.mjs';

/** Fields that the published manifest has in common with the one of the repository. */
const COMMON = [
  'name',
  'version',
  'description',
  'keywords',
  'homepage',
  'bugs',
  'repository',
  'author',
  'license',
  'mcpName',
  'type',
  'engines',
  'bin',
];

/**
 * The manifest that users install: no scripts, and no dependencies but the native runtime of the system.
 * @param {Record<string, any>} development the repository's package.json
 * @param {readonly string[]} loaded packages that the bundle loads from node_modules
 * @returns {Record<string, unknown>}
 * @throws Error when the bundle loads a package: it would be missing after an install
 */
export function publishedManifest(development, loaded) {
  if (loaded.length > 0) throw new Error(`The bundle loads ${loaded.join(', ')} from node_modules: bundle it.`);
  return {
    ...Object.fromEntries(COMMON.filter((field) => field in development).map((field) => [field, development[field]])),
    files: [...development.files, 'THIRD-PARTY-LICENSES.txt'],
    // Exactly this version: bundle and binding are of one onnxruntime.
    optionalDependencies: Object.fromEntries(PLATFORMS.map((platform) => [runtimeName(platform), development.version])),
    publishConfig: { access: 'public', provenance: true },
  };
}
