import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import { normalizePattern } from '../../globs/normalize-pattern.js';
import { maskPattern } from '../../text/mask-secrets.js';
import type { PlacedPattern } from './lock-types.js';

/**
 * The pattern as it may be stored: what looks like a secret in a name is a star, so that the file is still protected.
 * Most patterns come back as they are.
 */
export function maskPlaced(placed: PlacedPattern): PlacedPattern {
  const masked = maskPattern(placed.pattern);
  if (masked === placed.pattern) return placed;
  const options = { worktree: placed.worktree, foldsCase: detectCaseFolding(placed.worktree) };
  return { ...placed, ...normalizePattern(masked, options), shown: maskPattern(placed.shown), isNew: false };
}

/** The same of a file that is compared alone: its key stays, which nothing stores or shows. */
export function maskShown(placed: PlacedPattern): PlacedPattern {
  return { ...placed, pattern: maskPattern(placed.pattern), shown: maskPattern(placed.shown) };
}
