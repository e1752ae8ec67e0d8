import type { Target } from './install-types.js';

/** One target for each file: several clients, or several parts of one, may have theirs in the same. */
export function mergeTargets(targets: readonly Target[]): Target[] {
  const merged = new Map<string, Target>();
  for (const target of targets) {
    const before = merged.get(target.path);
    merged.set(target.path, before ? mergeTwo(before, target) : target);
  }
  return [...merged.values()];
}

function mergeTwo(first: Target, second: Target): Target {
  const pastes = new Set([first.paste, second.paste].filter((text) => text !== undefined));
  return {
    ...first,
    ...(pastes.size > 0 && { paste: [...pastes].join('\n') }),
    add: (before) => second.add(first.add(before)),
    remove(content) {
      const rest = second.remove(content);
      return rest === null ? null : first.remove(rest);
    },
  };
}
