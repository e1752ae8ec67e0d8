import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { type Audit, showAudit } from '../../src/cli/output/show-audit.js';
import { createPainter } from '../../src/cli/terminal/paint.js';

const at = new Date('2026-11-26T09:05:00Z');
const session = {
  client: 'claude',
  client_session: 'b6b7b1a4-7a0e-4c52-9c0a-1f2e3d4c5b6a',
  project_id: 'proj_1',
  first_at: at,
  last_at: at,
};
const request = { client: 'claude', client_session: 'S', at };

const audit: Audit = {
  timezone: 'UTC',
  coverage: { sessions: 2, with_evidence: 1, reported_only: 0, missing: 1 },
  sessions: [
    { ...session, both: 1_200, telemetry_only: 2, transcript_only: 1, reported: 0, unfinished: 3 },
    { ...session, client_session: null, both: 0, telemetry_only: 0, transcript_only: 0, reported: 5, unfinished: 0 },
  ],
  has_more: false,
  differences: [
    {
      ...request,
      keys: ['request:req_1', 'message:msg_1'],
      fields: [{ name: 'output', telemetry: '1500', transcript: '1000' }],
    },
  ],
  unconfirmed: [
    { ...request, keys: ['request:req_2'], seen_by: 'telemetry', cost_usd: '0.1' },
    { ...request, keys: ['request:req_3'], seen_by: 'telemetry', cost_usd: '0.2' },
    { ...request, keys: ['request:req_4'], seen_by: 'transcript', cost_usd: null },
  ],
};
const show = (shown: Audit, width: number) => showAudit(shown, width, createPainter(false));

test('sessions, differences by request id, and what one witness did not see', () => {
  const text = show(audit, 120).join('\n');
  expect(text).toMatch(/^client +session +last request +both +telemetry +transcript +reported +unfinished$/m);
  expect(text).toMatch(/^claude +b6b7b1a4-\S+ +2026-11-26 09:05 +1,200 +2 +1 +0 +3$/m);
  expect(text).toContain('1 request about which telemetry and transcript differ');
  expect(text).toContain('req_1 msg_1 (claude, session S, 2026-11-26 09:05)');
  expect(text).toMatch(/^ {2}output {2}telemetry 1500 {2}transcript 1000$/m);
  expect(text).toContain(
    '2 requests that only telemetry shows ($0.3000): totals from transcripts alone are too low by these',
  );
  expect(text).toMatch(/^req_2 \(claude/m);
  expect(text).toContain('1 request that transcripts show, and telemetry does not');
});

test('no line is wider than the terminal', () => {
  for (const width of [40, 60, 80, 120, 200]) {
    for (const line of show(audit, width)) expect(stringWidth(line), line).toBeLessThanOrEqual(width);
  }
});

test('what agrees says so, and nothing says what to do', () => {
  const agreed = show({ ...audit, differences: [], unconfirmed: [] }, 80).join('\n');
  expect(agreed).toContain('No difference between telemetry and transcripts.');
  expect(agreed).not.toContain('only telemetry shows');
  expect(show({ ...audit, sessions: [] }, 80).join(' ')).toContain('popstash costs scan');
});
