// @ts-check
import { clip, ms, sayRow } from './terminal.mjs';

/** @typedef {import('./receive-spans.mjs').Span} Span */

/** The columns at the right end: start and duration. */
const FIGURES_WIDTH = 22;

/** Prints a trace as a tree: each span below its parent, with its start after the trace's own and its duration. @param {Span[]} trace */
export function drawTrace(trace) {
  const ids = new Set(trace.map((span) => span.spanId));
  /** @type {Map<string, Span[]>} */
  const children = new Map();
  for (const span of trace) {
    const parent = ids.has(span.parentSpanId) ? span.parentSpanId : '';
    children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const begin = Math.min(...trace.map((span) => span.start));

  /** @param {string} parent @param {string} indent */
  const drawBelow = (parent, indent) => {
    const spans = (children.get(parent) ?? []).toSorted((a, b) => a.start - b.start);
    for (const [index, span] of spans.entries()) {
      const isLast = index === spans.length - 1;
      const branch = parent === '' ? '' : isLast ? '└─ ' : '├─ ';
      const left = `${indent}${branch}`;
      const duration = span.end - span.start;
      const figures = `${`+${ms(span.start - begin)}`.padStart(11)}${(duration > 0 ? ms(duration) : 'event').padStart(10)}`;
      sayRow(`${left}${clip(span.name, left.length + FIGURES_WIDTH)}`, figures);
      drawBelow(span.spanId, parent === '' ? indent : `${indent}${isLast ? '   ' : '│  '}`);
    }
  };
  sayRow('', `${'start'.padStart(11)}${'took'.padStart(10)}`);
  drawBelow('', '  ');
}
