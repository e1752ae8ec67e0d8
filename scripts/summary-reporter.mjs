// @ts-check
// Counts the tests of a vitest run into the file that POPSTASH_TEST_COUNTS names, for the closing line, and says why tests
// were skipped.
import { writeFileSync } from 'node:fs';

/** A vitest reporter (vitest/node, Reporter). */
export default class SummaryReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      // A file that did not load, or whose clean-up failed, is a failure that no test of it shows.
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        const { state } = result;
        counts[state === 'passed' || state === 'failed' ? state : 'skipped'] += 1;
        // Tests that a filter of the command line leaves out have no note.
        if (state === 'skipped' && 'note' in result && result.note) {
          console.log(`skipped: ${test.fullName}: ${result.note}`);
        }
      }
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    }
    const file = process.env.POPSTASH_TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify(counts));
  }
}
