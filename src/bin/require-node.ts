// Imported before anything else by what Node starts: on a Node that is too old the program ends with one line. The build
// writes these entries (main.js, hook.cjs) in the syntax of an old Node, so that it comes to run this.

/** Of `engines` in package.json: the first minor version of each even major, and from which major on any will do. */
const MIN_MINOR: Readonly<Record<number, number>> = { 20: 19, 22: 12 };
const MIN_ANY = 23;

requireNode(process.versions.node);

function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major >= MIN_ANY || minor >= (MIN_MINOR[major] ?? Number.POSITIVE_INFINITY)) return;
  process.stderr.write(
    `popstash needs Node 20.19 or newer, or 22.12 or newer; ${process.execPath} is ${version}. https://nodejs.org has newer ones.\n`,
  );
  // Clients take 2 from a hook for a refusal: an edit that nobody can check is refused where that is wanted.
  process.exit(isHook() && /^guarded$/i.test(process.env.POPSTASH_GUARD ?? '') ? 2 : 1);
}

function isHook(): boolean {
  return /hook\.cjs$/.test(process.argv[1] ?? '') || process.argv[2] === 'hook';
}
