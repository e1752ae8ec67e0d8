import { expect, test } from 'vitest';
import { createProgress } from '../../../src/mcp/server/report-progress.js';

function collectReports(progressToken?: string) {
  const sent: number[] = [];
  const report = createProgress({
    _meta: { progressToken },
    sendNotification: async ({ params }) => {
      sent.push(params.progress);
    },
  });
  return { sent, report };
}

test('a report whose value does not rise is not sent: two in one second, or a clock that went back', () => {
  const { sent, report } = collectReports('wait');
  for (const done of [0, 1, 2, 2, 1, 3, 3, 4]) report('Queued', done, 50);
  expect(sent).toEqual([0, 1, 2, 3, 4]);
});

test('a client that gave no token for progress gets none', () => {
  const { sent, report } = collectReports();
  report('Queued', 1, 50);
  expect(sent).toEqual([]);
});
