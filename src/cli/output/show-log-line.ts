import type { Painter } from '../terminal/paint.js';
import { createTimeFormat } from './format-time.js';
import { oneLine } from './show-text.js';

/** From the least to the most severe, as the log numbers them: 10, 20 and so on. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LEVELS)[number];

export interface LogScreen {
  timezone: string;
  painter: Painter;
}

/** Said of every line, or told apart from the rest. */
const OWN_FIELDS = new Set(['level', 'time', 'pid', 'name', 'msg', 'err']);
const LEVEL_WIDTH = 5;
const GAP = '  ';

/**
 * Makes a function that shows a line of a log, or leaves it out.
 * @param screen null for the lines as they are
 */
export function createLogView(least: LogLevel, screen: LogScreen | null): (line: string) => string[] {
  const showTime = screen && createTimeFormat(screen.timezone, { hasSeconds: true });
  return (line) => {
    const entry = parse(line);
    const level = LEVELS[Math.round(Number(entry?.level) / 10) - 1];
    if (level !== undefined && LEVELS.indexOf(level) < LEVELS.indexOf(least)) return [];
    if (entry === null || level === undefined || !screen || !showTime) return line === '' ? [] : [line];
    const { time, name, msg } = entry;
    const at = showTime(new Date(Number(time)));
    const text = [oneLine(String(msg ?? '')), ...describeRest(entry)].filter(Boolean).join(GAP);
    const paint = { warn: screen.painter.warning, error: screen.painter.bad, fatal: screen.painter.bad };
    const shown = (paint as Record<string, (text: string) => string>)[level] ?? ((same: string) => same);
    return [`${screen.painter.faint(at)}${GAP}${shown(level.padEnd(LEVEL_WIDTH))}${GAP}${name ?? ''}: ${text}`];
  };
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'level' in value ? { ...value } : null;
  } catch {
    return null;
  }
}

/** The error's own words, and what else the line says. */
function describeRest(entry: Record<string, unknown>): string[] {
  const { err } = entry;
  const message =
    typeof err === 'object' && err !== null && 'message' in err ? [`(${oneLine(String(err.message))})`] : [];
  const others = Object.entries(entry).filter(([name]) => !OWN_FIELDS.has(name));
  return [...message, ...others.map(([name, value]) => `${oneLine(name)}=${oneLine(write(value))}`)];
}

function write(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
