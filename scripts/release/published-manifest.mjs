// @ts-check

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
  'type',
  'engines',
  'bin',
];

/**
 * The manifest that users install: everything that the bundle contains is gone from its dependencies.
 * @param {Record<string, any>} development the repository's package.json
 * @param {readonly string[]} loaded packages that the bundle loads from node_modules
 * @returns {Record<string, unknown>}
 * @throws Error when the bundle loads a package that is no dependency: it would be missing after an install
 */
export function publishedManifest(development, loaded) {
  const missing = loaded.filter((name) => !(name in development.dependencies));
  if (missing.length > 0)
    throw new Error(`The bundle loads ${missing.join(', ')}: declare it in dependencies, or bundle it.`);
  return {
    ...Object.fromEntries(COMMON.filter((field) => field in development).map((field) => [field, development[field]])),
    // Source maps stay out; the database's own *.map files must not.
    files: [...development.files, '!dist/*.map', '!dist/chunks/*.map'],
    dependencies: Object.fromEntries(loaded.map((name) => [name, development.dependencies[name]])),
    publishConfig: { access: 'public', provenance: true },
  };
}
