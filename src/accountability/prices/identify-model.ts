/** A model as one seller calls it, in the form of the price table: lower case, without a date. */
export interface ModelName {
  provider: string;
  name: string;
}

/** What clients call the sellers of the price table. Another name is a seller of its own, with no prices here. */
const PROVIDERS: Readonly<Record<string, string>> = {
  anthropic: 'anthropic',
  claude: 'anthropic',
  firstparty: 'anthropic',
  openai: 'openai',
  'openai-native': 'openai',
  'openai-codex': 'openai',
  chatgpt: 'openai',
  google: 'google',
  gemini: 'google',
  'google-vertex': 'google',
  'google-vertex-anthropic': 'google',
  vertex: 'google',
  vertex_ai: 'google',
  aws: 'aws',
  bedrock: 'aws',
  'amazon-bedrock': 'aws',
  azure: 'azure',
  'azure-openai': 'azure',
  foundry: 'azure',
  openrouter: 'openrouter',
};

/** `us.anthropic.claude-opus-4-5-20251101-v1:0`: region of a profile, maker, model, version. */
const BEDROCK =
  /^(?:(us|us-gov|eu|apac|au|jp|in|ca|sa|global)\.)?(anthropic|openai)\.([a-z0-9.-]+?)(?:-v\d+)?(?::\d+)?$/;

/** The three forms in which makers and resellers date a model: `-20251101`, `@20251101`, `-2025-11-01`. */
const DATE = /(?:-(20\d\d)(\d\d)(\d\d)|@(20\d\d)(\d\d)(\d\d)|-(20\d\d)-(\d\d)-(\d\d))$/;

/** What precedes a name in the well-defined forms of gateways and of Google's and Amazon's own resource names. */
const RESOURCE =
  /^(?:bedrock\/|vertex_ai\/|openrouter\/|models\/|projects\/[^/]+\/locations\/[^/]+\/publishers\/(?:google|anthropic)\/models\/|arn:aws[a-z-]*:bedrock:[a-z0-9-]*:\d*:(?:foundation-model|inference-profile)\/)/;

/** The seller's name in the price table, or the name itself, in lower case. */
export function normalizeProvider(provider: string): string {
  const lower = provider.trim().toLowerCase();
  return PROVIDERS[lower] ?? lower;
}

/**
 * The names under which the price of a model may stand, the most exact first. Only a date and a seller's own well-defined
 * prefix or suffix are taken off: `claude-opus-4-50` is never `claude-opus-4-5`.
 */
export function identifyModel(model: string, provider: string | null): ModelName[] {
  const lower = model.trim().toLowerCase();
  // Claude Code writes the long context window into the name: the price depends on the prompt alone.
  const plain = lower.replace(RESOURCE, '').replace(/\[1m\]$/, '');
  const seller = provider === null || provider === '' ? guessProvider(lower, plain) : normalizeProvider(provider);
  const bedrock = BEDROCK.exec(plain);
  if (bedrock) return withoutDate('aws', `${bedrock[1] === 'global' ? 'global.' : ''}${bedrock[2]}.${bedrock[3]}`);
  // Bedrock's answers name the model as its maker does, and no region: the price outside the global profiles.
  if (seller === 'aws' && plain.startsWith('claude-')) return withoutDate('aws', `anthropic.${plain}`);
  return withoutDate(seller, plain.replace(/@default$/, ''));
}

function withoutDate(provider: string, name: string): ModelName[] {
  const undated = removeDate(name);
  return undated === name
    ? [{ provider, name }]
    : [
        { provider, name },
        { provider, name: undated },
      ];
}

function removeDate(name: string): string {
  const parts = DATE.exec(name);
  if (!parts) return name;
  const [year, month, day] = parts
    .slice(1)
    .filter((part) => part !== undefined)
    .map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? name.slice(0, parts.index) : name;
}

/** For evidence without a provider, such as an agent's report: the maker, or the gateway whose form the name has. */
function guessProvider(model: string, plain: string): string {
  if (model.startsWith('vertex_ai/')) return 'google';
  if (plain.includes('/')) return 'openrouter';
  if (plain.startsWith('claude')) return 'anthropic';
  return plain.startsWith('gemini') ? 'google' : 'openai';
}
