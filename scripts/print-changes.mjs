// @ts-check
// node scripts/print-changes.mjs VERSION: the section of CHANGELOG.md for a version, as text of its release.
import { readFileSync } from 'node:fs';

const version = process.argv[2];
const sections = readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8').split(/^## /m);
const section = sections.find((text) => text.split(/\s/, 1)[0] === version);
if (!section) {
  console.error(`CHANGELOG.md has no section "${version}"`);
  process.exit(1);
}
console.log(section.replace(/^.*\n/, '').trim());
