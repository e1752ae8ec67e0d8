import { expect, test } from 'vitest';
import { parseMoment } from '../../../src/accountability/costs/parse-moment.js';

test.each([
  ['2026-11-26', { kind: 'local', time: '2026-11-26T00:00:00' }],
  ['2026-11', { kind: 'local', time: '2026-11-01T00:00:00' }],
  ['2024-02-29', { kind: 'local', time: '2024-02-29T00:00:00' }],
  ['2026-11-26T09:05', { kind: 'local', time: '2026-11-26T09:05:00' }],
  ['2026-11-26 09:05:07.25', { kind: 'local', time: '2026-11-26T09:05:07.25' }],
  ['2026-11-26T09:05:00Z', { kind: 'instant', at: new Date('2026-11-26T09:05:00Z') }],
  ['2026-11-26t09:05:00.123456789z', { kind: 'instant', at: new Date('2026-11-26T09:05:00.123Z') }],
  ['2026-11-26T09:05+05:45', { kind: 'instant', at: new Date('2026-11-26T03:20:00Z') }],
  ['2026-11-26T09:05-0800', { kind: 'instant', at: new Date('2026-11-26T17:05:00Z') }],
  ['2026-W48', { kind: 'local', time: '2026-11-23T00:00:00' }],
  ['2026-w01', { kind: 'local', time: '2025-12-29T00:00:00' }],
  ['2020-W53', { kind: 'local', time: '2020-12-28T00:00:00' }],
  ['2027-W01', { kind: 'local', time: '2027-01-04T00:00:00' }],
  ['today', { kind: 'day', before: '0 days' }],
  ['Yesterday', { kind: 'day', before: '1 days' }],
  ['7d', { kind: 'day', before: '7 days' }],
  ['2w', { kind: 'day', before: '2 weeks' }],
  ['3mo', { kind: 'day', before: '3 months' }],
  ['12h', { kind: 'elapsed', before: '12 hours' }],
  ['30min', { kind: 'elapsed', before: '30 minutes' }],
])('%s', (text, moment) => {
  expect(parseMoment(text)).toEqual(moment);
});

test.each([
  '',
  'soon',
  // Minutes or months?
  '5m',
  '-7d',
  '12345d',
  '2026',
  '2026-13',
  '2026-02-29',
  '2026-11-31',
  '0000-01-01',
  '2026-11-26T24:00',
  '2026-11-26T09:60',
  '2026-11-26T09',
  '2026-11-26T09:05+25:00',
  '2026-W00',
  '2026-W54',
  '2021-W53',
  '26-11-2026',
  "2026-11-26'; --",
])('%j is no time', (text) => {
  expect(parseMoment(text)).toBeNull();
});
