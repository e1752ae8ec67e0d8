// @ts-check
// npm run trials [-- f2 f7 … | clients | failover | team-crowd | conformance | package [PAIR…]]: the trials of
// docs/trials-and-figures.md in full form, one file at a time, for up to
// hours. `npm test` runs the same files (test/**/f2-….test.ts) in short form; test/support/setup/trial.ts has both counts.
import { run, runVitest } from './run-vitest.mjs';
import { requireServices } from './services/require-services.mjs';

const TRIALS = Array.from({ length: 27 }, (_, index) => `f${index + 1}`);
/** Names that say more than a number. @type {Record<string, string>} */
const BY_NAME = { failover: 'f22', 'team-crowd': 'f27' };
/** Files with a short and a full form that are no trial of that list. */
const TABLES = ['doctor-denials', 'doctor-settings'];
/** Those with real clients from npm. */
const CLIENTS = ['f18', 'f25', 'f26'];
if (process.argv[2] === 'package') {
  process.exit(await run(process.execPath, ['scripts/package-trial.mjs', ...process.argv.slice(3)]));
}
const wanted = process.argv
  .slice(2)
  .flatMap((name) => (name.toLowerCase() === 'clients' ? CLIENTS : [BY_NAME[name.toLowerCase()] ?? name]));
const names = wanted.filter((name) => TRIALS.includes(name.toLowerCase()));
const others = wanted.filter((name) => !TRIALS.includes(name.toLowerCase()));
const filters = (wanted.length > 0 ? names : TRIALS).map((name) => `/${name.toLowerCase()}-`);
if (wanted.length === 0) others.push(...TABLES.map((name) => `/${name}.`));

requireServices();
const built = await run(process.execPath, ['scripts/build.mjs']);
if (built !== 0) process.exit(built);
process.exitCode = await runVitest([...filters, ...others], { POPSTASH_TRIAL: 'full', POPSTASH_TEST_WORKERS: '1' });
