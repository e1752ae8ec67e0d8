// @ts-check
// npm run prices:build: writes src/accountability/prices/price-table.json, the dated price table that ships, from the
// development dependency @pydantic/genai-prices (MIT). Prices stay decimal strings per million tokens; nothing is rounded.
// What the package lacks (fast mode, geography, newer models) is in src/accountability/prices/own-prices.ts.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { calcPrice, findProvider } from '@pydantic/genai-prices';

/** When each version of the package took its prices: its day of publication. A new version needs a line here. */
const SNAPSHOTS = { '0.1.8': '2026-09-23' };

/** Makers and resellers, and of the resellers only the makers' models. */
const PROVIDERS = {
  anthropic: /^claude-/,
  openai: /^(gpt-|o\d|codex|chatgpt)/,
  google: /^(gemini-|claude-)/,
  aws: /^(global|regional)\.anthropic\.|^((global|regional)\.)?openai\.gpt-/,
  azure: /^(gpt-|o\d)/,
  openrouter: /^~?(anthropic|openai|google)\//,
};

/** A reseller that names no price of its own for a model charges the maker's. */
const FALLBACKS = { google: ['anthropic'], azure: ['openai', 'anthropic'] };

/** Models that speak or draw: no coding agent runs on them, and text tokens alone do not price them. */
const NOT_TEXT = /audio|image|tts|realtime|transcribe|live|embedding|omni|vision|oss|gemma|lyria|palm|learnlm|ft-|ft:/;

/** Models retired before 2025, when the first of the clients that are read began to keep its usage. */
const RETIRED = /claude-(2|v)|gpt-(3\.?5|4($|-))|gemini-(1\.|pro$|pro-1|flash-1)/;

/** @typedef {import('@pydantic/genai-prices').MatchLogic} MatchLogic */
/** @typedef {import('@pydantic/genai-prices').ModelPrice} ModelPrice */

const CLASSES = /** @type {const} */ ({
  input: 'input_mtok',
  output: 'output_mtok',
  cache_read: 'cache_read_mtok',
  cache_write_5m: 'cache_write_mtok',
  cache_write_1h: 'cache_write_1h_mtok',
});

/** JavaScript writes a number as the shortest decimal that reads back as the same number: what the price list says. */
function decimal(/** @type {number} */ value) {
  const text = String(value);
  if (!/^\d+(\.\d+)?$/.test(text)) throw new Error(`not a plain decimal: ${text}`);
  return text;
}

/** @returns {string[]} every literal of a match expression */
function literals(/** @type {MatchLogic} */ match) {
  if ('or' in match) return match.or.flatMap(literals);
  if ('and' in match) return match.and.flatMap(literals);
  if ('regex' in match) return [];
  return Object.values(match);
}

/** The names in a canonical form: without Bedrock's version, `regional.` and a date; pieces of names are left out. */
function namesOf(/** @type {string} */ provider, /** @type {string} */ id, /** @type {MatchLogic} */ match) {
  const names = provider === 'aws' ? [id] : [id, ...literals(match)];
  const canonical = names.map((name) => {
    const lower = name.toLowerCase().replace(/@$/, '');
    return provider === 'aws' ? lower.replace(/^regional\./, '').replace(/(-20\d{6})?(-v\d+)?(:\d+)?$/, '') : lower;
  });
  const isWhole = (/** @type {string} */ name) =>
    !/[-.]$|-20\d\d$|-20\d{6}$|-20\d\d-\d\d-\d\d$/.test(name) && (provider !== 'google' || !/-0$/.test(name));
  const undated = canonical.filter(isWhole);
  // A dated name that stands for itself (gpt-4o-2024-05-13) has a price of its own.
  const own = isWhole(canonical[0] ?? '') ? undated : [...undated, canonical[0] ?? ''];
  const isOurs = (/** @type {string} */ name) => provider !== 'openrouter' || name.includes('/');
  return [...new Set(own)].filter((name) => isOurs(name) && (provider === 'aws' || resolves(provider, name, id)));
}

function resolves(/** @type {string} */ providerId, /** @type {string} */ name, /** @type {string} */ id) {
  return calcPrice({ input_tokens: 0 }, name, { providerId })?.model.id === id;
}

/** One tier for each request size at which some class changes its price. */
function tiersOf(/** @type {ModelPrice} */ price, /** @type {boolean} */ isClaude) {
  const starts = new Set([0]);
  for (const key of Object.values(CLASSES)) {
    const value = price[key];
    if (typeof value === 'object') for (const tier of value.tiers) starts.add(tier.start);
  }
  return [...starts]
    .sort((a, b) => a - b)
    .map((above) => {
      /** @type {Record<string, string | number>} */
      const tier = { above };
      for (const [name, key] of Object.entries(CLASSES)) {
        const value = price[key];
        if (value === undefined) continue;
        if (typeof value === 'number') tier[name] = decimal(value);
        else tier[name] = decimal(value.tiers.filter(({ start }) => start <= above).at(-1)?.price ?? value.base);
      }
      // Anthropic's rule for its models wherever they are sold: a cache write of one hour costs twice the input.
      if (isClaude && tier.cache_write_5m !== undefined && tier.cache_write_1h === undefined) {
        tier.cache_write_1h = double(String(tier.input));
      }
      return tier;
    });
}

/** Twice a decimal, without floating point. */
function double(/** @type {string} */ text) {
  const [whole = '0', fraction = ''] = text.split('.');
  const digits = (BigInt(`${whole}${fraction}`) * 2n).toString().padStart(fraction.length + 1, '0');
  const cut = digits.length - fraction.length;
  const tail = digits.slice(cut).replace(/0+$/, '');
  return tail ? `${digits.slice(0, cut)}.${tail}` : digits.slice(0, cut);
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(root, 'node_modules/@pydantic/genai-prices/package.json'), 'utf8'));
const snapshot = SNAPSHOTS[/** @type {keyof typeof SNAPSHOTS} */ (version)];
if (!snapshot) throw new Error(`scripts/build-prices.mjs: name the day of @pydantic/genai-prices ${version}`);

const models = Object.entries(PROVIDERS).flatMap(([providerId, wanted]) => {
  const provider = findProvider({ providerId });
  if (!provider) throw new Error(`@pydantic/genai-prices has no provider ${providerId}`);
  return provider.models
    .filter(({ id, prices }) => {
      const first = Array.isArray(prices) ? prices[0]?.prices : prices;
      return (
        wanted.test(id) &&
        !NOT_TEXT.test(id) &&
        !RETIRED.test(id) &&
        first?.input_mtok !== undefined &&
        first.output_mtok !== undefined
      );
    })
    .map(({ id, match, prices }) => {
      const list = Array.isArray(prices) ? prices : [{ prices }];
      const periods = list.map(({ constraint, prices: price }) => {
        if (constraint && constraint.type !== 'start_date')
          throw new Error(`${id}: prices by the hour are not supported`);
        const search = price.web_searches_kcount;
        return {
          from: constraint?.start_date ?? null,
          tiers: tiersOf(price, id.includes('claude')),
          ...(typeof search === 'number' ? { web_search: decimal(search) } : {}),
        };
      });
      return { provider: providerId, id, names: namesOf(providerId, id, match), periods };
    })
    .filter(({ names }) => names.length > 0);
});

const seen = new Map();
const unique = models.flatMap((model) => {
  const names = model.names.filter((name) => {
    const key = `${model.provider} ${name}`;
    const periods = JSON.stringify(model.periods);
    const known = seen.get(key);
    if (known !== undefined && known !== periods) throw new Error(`two prices for ${key}`);
    seen.set(key, periods);
    return known === undefined;
  });
  return names.length > 0 ? [{ ...model, names }] : [];
});

const target = join(root, 'src/accountability/prices/price-table.json');
const source = `@pydantic/genai-prices ${version} (MIT), https://github.com/pydantic/genai-prices`;
writeFileSync(target, `${JSON.stringify({ snapshot, source, fallbacks: FALLBACKS, models: unique }, null, 2)}\n`);
execFileSync(process.execPath, [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'format', '--write', target], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
console.log(`${unique.length} models of ${snapshot} in ${target}`);
