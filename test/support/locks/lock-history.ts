/** That an owner held a pattern, as far as it could know: from the answer to its `acquire` to its `release` or the end of the lock's life. */
export interface Hold {
  owner: string;
  pattern: string;
  mode: 'exclusive' | 'shared';
  token: number;
  /** ms since the epoch. */
  from: number;
  until: number;
}

/**
 * Checks a history of holds against the rule of locks, by means that share nothing with the product.
 * @param reach the paths that each pattern matches, written down by hand
 * @returns what breaks the rule, in words; empty when nothing does
 */
export function findViolations(history: readonly Hold[], reach: Readonly<Record<string, readonly string[]>>): string[] {
  const violations: string[] = [];
  for (const path of new Set(Object.values(reach).flat())) {
    // All holds that cover this path, by begin: only those still open can meet the next one.
    const holds = history.filter((hold) => reach[hold.pattern]?.includes(path)).sort((a, b) => a.from - b.from);
    let open: Hold[] = [];
    for (const hold of holds) {
      open = open.filter((other) => other.until > hold.from);
      for (const other of open) {
        if (other.owner === hold.owner || (other.mode === 'shared' && hold.mode === 'shared')) continue;
        violations.push(`${path}: ${show(other)} and ${show(hold)}`);
      }
      open.push(hold);
    }
    // One after the other means a higher token, for holds that exclude each other.
    const exclusive = holds.filter(({ mode }) => mode === 'exclusive');
    for (const [index, hold] of exclusive.entries()) {
      const before = exclusive[index - 1];
      if (before && before.owner !== hold.owner && before.token >= hold.token) {
        violations.push(`${path}: the token fell from ${show(before)} to ${show(hold)}`);
      }
    }
  }
  return violations;
}

function show({ owner, pattern, token, from, until }: Hold): string {
  return `${owner} on ${pattern} (token ${token}, ${from}–${until})`;
}
