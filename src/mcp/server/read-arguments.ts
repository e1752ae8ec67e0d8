import type * as z from 'zod';
import { AppError } from '../../errors.js';
import { clipText } from '../../text/clip-text.js';
import type { Tool } from '../define-tool.js';

/** Faults of the arguments that one error names. */
const MAX_NAMED = 5;
/** Entries of one argument that is a list or an object; each list has a smaller limit of its own. */
const MAX_ENTRIES = 1_000;
/** A value that was read as another form may have faults of its own: a list in a string, with numbers as strings. */
const MAX_ROUNDS = 3;
/** Arguments by which clients' models call the same thing, where a tool has only one of them. */
const ALIASES: readonly (readonly [string, string])[] = [
  ['files', 'patterns'],
  ['patterns', 'files'],
];

/** One fault of the arguments, as zod tells it. */
type Issue = z.ZodSafeParseError<unknown>['error']['issues'][number];

/**
 * Reads what a client sends as the arguments of a tool. What clients are known to write otherwise is taken for what it
 * plainly means: null, and an empty text for what is optional, for an absent argument; numbers, booleans, lists and objects
 * in a string; one text for a list of them; a number for a text. Everything else is refused by its name.
 * @throws AppError `invalid_argument` naming what is wrong, what was given and what is wanted
 */
export function readArguments(tool: Tool, given: unknown): Record<string, unknown> {
  const args = withoutAbsent(tool, readObject(tool, given));
  refuseHugeValues(tool, args);
  for (let round = 0; ; round += 1) {
    const parsed = tool.input.safeParse(args, { reportInput: true });
    if (parsed.success) return parsed.data;
    const { issues } = parsed.error;
    const isChanged = round < MAX_ROUNDS && issues.map((issue) => mend(args, issue)).some(Boolean);
    if (!isChanged) throw describeInvalid(tool, issues);
  }
}

/** The arguments as an object of this call's own. */
function readObject(tool: Tool, given: unknown): Record<string, unknown> {
  const value = typeof given === 'string' ? (given.trim() === '' ? {} : (parseJson(given) ?? given)) : (given ?? {});
  if (isObject(value)) return { ...value };
  throw invalid(tool, `the arguments must be an object, got ${nameType(value)}`);
}

/** Without what means that an argument is not given; with its own name for what a tool calls otherwise. */
function withoutAbsent(tool: Tool, args: Record<string, unknown>): Record<string, unknown> {
  const { shape } = tool.input;
  for (const [other, own] of ALIASES) {
    if (!(own in shape) || other in shape || !(other in args) || own in args) continue;
    args[own] = args[other];
    delete args[other];
  }
  for (const [name, value] of Object.entries(args)) {
    const schema = Object.hasOwn(shape, name) ? shape[name as keyof typeof shape] : undefined;
    const isOptional = schema === undefined || (schema as z.ZodType).safeParse(undefined).success;
    if (value === undefined || value === null || (value === '' && isOptional && schema)) delete args[name];
  }
  return args;
}

/** Puts what a value plainly means in its place. @returns whether it did */
function mend(args: Record<string, unknown>, issue: Issue): boolean {
  const name = issue.path.at(-1);
  const meant = readMeant(issue);
  if (name === undefined || meant === undefined) return false;
  let owner: Record<PropertyKey, unknown> = args;
  for (const key of issue.path.slice(0, -1)) {
    const within = owner[key];
    if (typeof within !== 'object' || within === null) return false;
    // What is in the arguments is the client's.
    const copy = Array.isArray(within) ? [...within] : { ...within };
    owner[key] = copy;
    owner = copy as Record<PropertyKey, unknown>;
  }
  owner[name] = meant;
  return true;
}

/** @returns undefined where the value means nothing else */
function readMeant(issue: Issue): unknown {
  const { input } = issue;
  if (issue.code === 'invalid_value' && typeof input === 'string') {
    return issue.values.find((value) => value === input.trim().toLowerCase());
  }
  if (issue.code !== 'invalid_type') return undefined;
  switch (issue.expected) {
    case 'number':
    case 'int':
      return typeof input === 'string' ? readNumber(input) : undefined;
    case 'boolean':
      return readBoolean(input);
    case 'array':
      return readList(input);
    case 'string':
      return typeof input === 'number' || typeof input === 'boolean' ? String(input) : undefined;
    case 'object':
    case 'record':
      return readRecord(input);
    default:
      return undefined;
  }
}

function readNumber(text: string): number | undefined {
  return /^\s*-?\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}

function readBoolean(input: unknown): boolean | undefined {
  if (typeof input !== 'string') return undefined;
  const text = input.trim().toLowerCase();
  return text === 'true' || (text === 'false' ? false : undefined);
}

/** A list in a string; one text, or a number, stands for a list of it. */
function readList(input: unknown): unknown[] | undefined {
  if (typeof input === 'number') return [String(input)];
  if (typeof input !== 'string' || input.trim() === '') return undefined;
  const parsed = parseJson(input);
  return Array.isArray(parsed) ? parsed : [input];
}

function readRecord(input: unknown): Record<string, unknown> | undefined {
  const parsed = typeof input === 'string' ? parseJson(input) : undefined;
  return isObject(parsed) ? parsed : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeInvalid(tool: Tool, issues: readonly Issue[]): AppError {
  return invalid(tool, issues.slice(0, MAX_NAMED).map(describeIssue).join('; '));
}

function invalid(tool: Tool, problem: string): AppError {
  const hasArguments = Object.keys(tool.input.shape).length > 0;
  return new AppError({
    code: 'invalid_argument',
    message: `${tool.name}: ${problem}.`,
    fix: hasArguments ? `Arguments of ${tool.name}: ${describeArguments(tool)}.` : `${tool.name} takes no arguments.`,
  });
}

function describeIssue(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return nameUnknown(issue.keys);
  const name = issue.path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index ? '.' : ''}${String(part)}`))
    .join('');
  if (issue.code === 'invalid_value') {
    return `${name} must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}, got ${nameType(issue.input)}`;
  }
  if (issue.code !== 'invalid_type') return `${name || 'arguments'}: ${issue.message}`;
  if (issue.input === undefined) return `${name} is required`;
  return `${name} must be ${WANTED[issue.expected] ?? issue.expected}, got ${nameType(issue.input)}`;
}

/** What zod expects, in words. All lists of tools are lists of strings. */
const WANTED: Readonly<Record<string, string>> = {
  array: 'a list of strings, such as ["src/a.ts"]',
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
};

function nameType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string'
    ? `the string ${JSON.stringify(clipText(value, 40))}`
    : `the ${typeof value} ${value}`;
}

function nameUnknown(keys: readonly string[]): string {
  const named = keys.slice(0, MAX_NAMED).map((key) => `"${clipText(key, 60)}"`);
  const more = keys.length > named.length ? ` and ${keys.length - named.length} more` : '';
  return `unknown argument ${named.join(', ')}${more}`;
}

/** Refuses an argument with far too many entries before they are validated: to check each, and to name its faults, takes too long. */
function refuseHugeValues(tool: Tool, args: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(args)) {
    const entries = typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
    if (entries <= MAX_ENTRIES) continue;
    throw new AppError({
      code: 'invalid_argument',
      message: `${tool.name}: ${clipText(name, 60)} has ${entries} entries.`,
      fix: `No argument may have more than ${MAX_ENTRIES}. Arguments of ${tool.name}: ${describeArguments(tool)}.`,
    });
  }
}

function describeArguments(tool: Tool): string {
  return Object.entries(tool.input.shape)
    .map(([name, schema]) => (schema.safeParse(undefined).success ? name : `${name} (required)`))
    .join(', ');
}
