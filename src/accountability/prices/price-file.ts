import { createHash } from 'node:crypto';
import * as z from 'zod';
import { parseDecimal } from '../money.js';
import type { ModelName } from './identify-model.js';

const MAX_NAME_LENGTH = 200;

/** Strings are exact; a JSON number stands for the shortest decimal that reads back as the same number. */
const decimal = z
  .union([z.string(), z.number()], 'is not a decimal number')
  .transform(String)
  .refine(isNonNegativeDecimal, 'is not a decimal number of 0 or more, such as "1.25"');

const perMtok = z.strictObject({
  input: decimal,
  output: decimal,
  cache_read: decimal.optional(),
  cache_write_5m: decimal.optional(),
  cache_write_1h: decimal.optional(),
});

const rule = z
  .strictObject({
    /** A model's name, whole, in any case, with `*` for any number of characters. A date at its end need not be named. */
    match: z.string().min(1).max(MAX_NAME_LENGTH),
    /** The provider as the client or the price table calls it. */
    provider: z.string().min(1).max(MAX_NAME_LENGTH).optional(),
    /** The first day, in UTC, on which the rule holds. */
    from: z.iso.date('is not a date such as "2026-03-13"').optional(),
    /** Dollars per million tokens; a class that is missing costs what input costs. Without it: the built-in price. */
    per_mtok: perMtok.optional(),
    /** The rule holds for requests whose whole prompt, caches included, is larger than so many tokens. */
    above: z.int().min(0).optional(),
    /** Multiplies the price of the tokens. */
    multiplier: decimal.optional(),
  })
  .refine(
    (value) => value.per_mtok !== undefined || value.multiplier !== undefined,
    'needs "per_mtok" or "multiplier"',
  );

const priceFile = z.strictObject({ version: z.literal(1, 'must be 1'), models: z.array(rule).max(10_000) });

export type PriceRule = z.infer<typeof rule>;

/** The user's own prices, from the file that `POPSTASH_PRICES` names. The first rule that matches a request wins. */
export interface PriceFile {
  rules: readonly PriceRule[];
  /** Tells one state of the file from another: a part of the price version. */
  hash: string;
}

/** What the file says, or what is wrong with it: one plain sentence a fault, for `doctor`. A fault voids the whole file. */
export function parsePriceFile(text: string): { file: PriceFile; faults: [] } | { file: null; faults: string[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { file: null, faults: [`The file is not JSON: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const parsed = priceFile.safeParse(value);
  if (!parsed.success) return { file: null, faults: parsed.error.issues.map(describeIssue) };
  const faults = listHiddenRules(parsed.data.models);
  if (faults.length > 0) return { file: null, faults };
  const hash = createHash('sha256').update(JSON.stringify(parsed.data)).digest('hex').slice(0, 8);
  return { file: { rules: parsed.data.models, hash }, faults: [] };
}

/** The first rule that holds for a request, or undefined. `names`: as the client writes the model, then its known forms. */
export function findRule(
  file: PriceFile,
  request: { names: readonly ModelName[]; providers: readonly string[]; day: string; totalInput: number },
): PriceRule | undefined {
  return file.rules.find(
    ({ match, provider, from, above }) =>
      (provider === undefined || request.providers.includes(provider.toLowerCase())) &&
      (from === undefined || request.day >= from) &&
      (above === undefined || request.totalInput > above) &&
      request.names.some(({ name }) => matches(match, name)),
  );
}

/** A rule behind one that takes all its requests is a mistake of order: rules with `above` or `from` belong first. */
function listHiddenRules(rules: readonly PriceRule[]): string[] {
  return rules.flatMap((later, index) => {
    const first = rules
      .slice(0, index)
      .findIndex(
        (earlier) =>
          earlier.from === undefined &&
          earlier.above === undefined &&
          (earlier.provider === undefined || earlier.provider === later.provider) &&
          matches(earlier.match, later.match.toLowerCase()),
      );
    if (first < 0) return [];
    return [
      `models[${index}] ("${later.match}") can never match: models[${first}] ("${rules[first]?.match}") stands first and matches all that it does. Put it behind.`,
    ];
  });
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern
    .toLowerCase()
    .split(/\*+/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*?')}$`).test(name);
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text ? '.' : ''}${String(key)}`),
    '',
  );
  const where = path === '' ? 'The file' : path;
  if (issue.code === 'unrecognized_keys') return `${where}: unknown ${issue.keys.map((key) => `"${key}"`).join(', ')}.`;
  return `${where}: ${issue.message.replace(/\.$/, '')}.`;
}

function isNonNegativeDecimal(text: string): boolean {
  try {
    return parseDecimal(text).units >= 0n;
  } catch {
    return false;
  }
}
