/**
 * Whether a version precedes another one, by semantic versioning (a pre-release precedes its release). One that can't be
 * read counts as older than any.
 *
 * A bridge that meets a server of its own version, as nearly all do, never loads the comparison.
 */
export async function isOlder(version: string, than: string): Promise<boolean> {
  if (version === than) return false;
  const [{ default: lt }, { default: valid }] = await Promise.all([
    import('semver/functions/lt.js'),
    import('semver/functions/valid.js'),
  ]);
  const [left, right] = [valid(version), valid(than)];
  if (left === null || right === null) return right !== null;
  return lt(left, right);
}
