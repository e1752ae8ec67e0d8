import { NAME_WORDS } from '../../../src/coordination/names/agent-names.js';

/** Fields that say how long ago something was, or how long it took, and positions in the timeline. */
const AGES = new Set(['age', 'duration', 'held_for', 'last_active', 'next_cursor', 'started', 'time']);
/** Fields that depend on whether a vector was there in time. */
const EVIDENCE = new Set(['match_score', 'why']);

/** A tool's answer as a text that is the same at every run: without ids, times, ages, scores and this build's version. */
export function normaliseAnswer(answer: Record<string, unknown>): string {
  return `${JSON.stringify(normalise('', answer), null, 2)}\n`;
}

function normalise(field: string, value: unknown): unknown {
  if (AGES.has(field) || EVIDENCE.has(field)) return `<${field}>`;
  if (Array.isArray(value)) return value.map((item) => normalise(field, item));
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([name, of]) => name !== 'degraded' || String(of) !== 'embedding');
    return Object.fromEntries(entries.map(([name, of]) => [name, normalise(name, of)]));
  }
  if (typeof value !== 'string') return value;
  if (field === 'version') return '<version>';
  if ((field === 'name' || field === 'agent') && NAME_WORDS.includes(value)) return '<agent_name>';
  if (field === 'author') return value.replace(/^\S+(?: \S+)? \((.+)\)$/, '<agent_name> ($1)');
  return value
    .replace(/\b(agent|sess|stash|insight|dec|lock|ann)_[0-9a-z]{16}\b/g, '<$1_id>')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>');
}
