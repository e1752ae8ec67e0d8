import { yieldToEventLoop } from '../async/yield-to-event-loop.js';
import { LIMITS } from '../config.js';
import { AppError } from '../errors.js';
import { checkText } from './check-text.js';
import type { Redactor } from './redact.js';

/** Characters of names, keys, topics and tags: one line that fits an index entry. */
const MAX_NAME_CHARS = 200;
/** Characters of one entry of `files`. */
const MAX_PATH_CHARS = 1_000;

const MAX_JSON_BYTES = 64 * 1024;

/** Levels of JSON. PostgreSQL takes some thousand. */
const MAX_JSON_DEPTH = 64;

/** Of a query: it may be a whole error message, but not a file. */
const MAX_QUERY_BYTES = 16 * 1024;

/**
 * Takes secrets out of a query: it goes through the queue and into spans, and is compared with texts that were redacted.
 * @throws AppError naming the argument when a query can't be searched for.
 */
export async function cleanQuery(redactor: Redactor, name: string, value: string): Promise<string> {
  checkText(name, value, { maxBytes: MAX_QUERY_BYTES });
  return (await redactor.redact(value)).text;
}

/** What was taken out of the arguments of a call. */
export interface Redactions {
  /** Kinds of secrets, sorted; empty when there were none. */
  kinds: string[];
  /** Each kind with the argument, and of a long one the line, where it stood. */
  places: string[];
}

/** What was taken out of two parts of a call. */
export function joinRedactions(one: Redactions, other: Redactions): Redactions {
  return {
    kinds: [...new Set([...one.kinds, ...other.kinds])].sort(),
    places: [...one.places, ...other.places],
  };
}

export const NOTHING_REDACTED: Redactions = { kinds: [], places: [] };

/**
 * Checks and redacts texts before they are stored or given to a job. Each call has a cleaner of its own: `redacted`
 * collects what it took out and where, so that the answer can say so.
 */
export function createInputCleaner(redactor: Redactor) {
  const kinds = new Set<string>();
  const places = new Set<string>();

  async function redact(name: string, value: string): Promise<string> {
    const { text, taken } = await redactor.redact(value);
    const isLong = taken.length > 0 && value.includes('\n');
    for (const { kind, line } of taken) {
      kinds.add(kind);
      places.add(`${kind} in ${name}${isLong ? `, line ${line}` : ''}`);
    }
    return text;
  }

  return {
    /** Long text, stored byte for byte but for secrets. */
    async text(name: string, value: string, maxBytes: number = LIMITS.maxTextBytes): Promise<string> {
      checkText(name, value, { maxBytes });
      return redact(name, value);
    },
    /** A name, key or topic: one line, without the blanks around it. */
    async label(name: string, value: string): Promise<string> {
      const trimmed = value.trim();
      checkText(name, trimmed, { maxBytes: 4 * MAX_NAME_CHARS, maxChars: MAX_NAME_CHARS, singleLine: true });
      return redact(name, trimmed);
    },
    async labels(name: string, values: readonly string[]): Promise<string[]> {
      const labels: string[] = [];
      for (const [index, value] of values.entries()) labels.push(await this.label(`${name}[${index}]`, value));
      return labels;
    },
    async paths(name: string, values: readonly string[]): Promise<string[]> {
      const paths: string[] = [];
      for (const [index, value] of values.entries()) {
        checkText(`${name}[${index}]`, value, {
          maxBytes: 4 * MAX_PATH_CHARS,
          maxChars: MAX_PATH_CHARS,
          singleLine: true,
        });
        paths.push(await redact(`${name}[${index}]`, value));
      }
      return paths;
    },
    /** JSON of bounded size whose every string is checked and redacted. */
    async json(name: string, value: Record<string, unknown>): Promise<Record<string, unknown>> {
      // Parsing and validating so many values may have used up this round's time slice.
      await yieldToEventLoop();
      // PostgreSQL's jsonb refuses \u0000 and lone surrogates, which JSON writes as escapes.
      for (const string of collectStrings(name, value)) {
        checkText(name, string, { maxBytes: MAX_JSON_BYTES, allowEmpty: true });
      }
      checkText(name, JSON.stringify(value), { maxBytes: MAX_JSON_BYTES });
      // Each string by itself, since JSON's escapes hide line breaks and quotes; then all, since names tell of values.
      const cleaned = await mapStrings(value, (string) => redact(name, string));
      const serialized = JSON.stringify(cleaned);
      const clean = await redact(name, serialized);
      return clean === serialized ? cleaned : (parseJson(clean) ?? {});
    },
    /** What was taken out so far. */
    redacted: (): Redactions => ({ kinds: [...kinds].sort(), places: [...places] }),
  };
}

/**
 * The strings of a JSON value, names included. It goes level by level, since a recursive walk, as JSON.stringify is one,
 * takes stack for each level.
 */
function collectStrings(name: string, value: unknown): string[] {
  const strings: string[] = [];
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_JSON_DEPTH) {
      throw new AppError({
        code: 'invalid_argument',
        message: `${name} is nested more than ${MAX_JSON_DEPTH} levels deep.`,
        fix: `Store it flat, or as one text in ${name}.`,
      });
    }
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === 'string') strings.push(item);
      else if (Array.isArray(item)) for (const entry of item) next.push(entry);
      else if (item && typeof item === 'object') for (const [key, entry] of Object.entries(item)) next.push(key, entry);
    }
    level = next;
  }
  return strings;
}

/** Null for redacted JSON where a redaction cut through the syntax. */
function parseJson(json: string): Record<string, unknown> | null {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** The value with each of its strings changed, names included. Its depth was checked before. */
async function mapStrings<T>(value: T, change: (string: string) => Promise<string>): Promise<T> {
  const map = async (item: unknown): Promise<unknown> => {
    if (typeof item === 'string') return change(item);
    if (Array.isArray(item)) return Promise.all(item.map(map));
    if (item === null || typeof item !== 'object') return item;
    const entries = Object.entries(item).map(async ([key, entry]) => [await change(key), await map(entry)] as const);
    return Object.fromEntries(await Promise.all(entries));
  };
  return (await map(value)) as T;
}
