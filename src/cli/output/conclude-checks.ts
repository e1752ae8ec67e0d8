import type { Check } from '../../hooks/doctor/run-check.js';
import type { Painter } from '../terminal/paint.js';
import { oneLine } from './show-text.js';

/** What all checks come to, for people: the broken ones by name, each way to mend them once. */
export function concludeChecks(checks: readonly Check[], painter: Painter): string[] {
  const named = (state: Check['state']) => checks.filter((check) => check.state === state);
  const list = (some: readonly Check[]) => some.map(({ name }) => oneLine(name)).join(', ');
  const [broken, warned] = [named('broken'), named('warning')];
  const warnings = warned.length === 0 ? [] : [painter.warning(`Warnings (${warned.length}): ${list(warned)}.`)];
  if (broken.length === 0) return [...warnings, painter.good('PopStash works.')];
  const ways = new Set(broken.flatMap(({ fix }) => (fix ? [oneLine(fix)] : [])));
  return [
    ...warnings,
    painter.bad(`Broken (${broken.length} of ${checks.length}): ${list(broken)}.`),
    ...[...ways].map((way) => `→ ${way}`),
  ];
}
