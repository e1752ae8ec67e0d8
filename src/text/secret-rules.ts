/** Where a secret is, in UTF-16 offsets [start, end), and what it is. */
export interface SecretFinding {
  kind: string;
  start: number;
  end: number;
}

export interface SecretRule {
  /** Says what is redacted: `[redacted:KIND]`. Lower case with hyphens. */
  kind: string;
  /**
   * Regular expression source of the part that every match contains. The rule's expression is `before + anchor + rest`,
   * so a text without a match of the anchor has no match of the rule: that makes the scan of anchors a safe shortcut.
   */
  anchor: string;
  /** Goes before the anchor; the default keeps a prefix from being found inside a word. */
  before?: string;
  /** Goes after the anchor. A group named `secret` is what is redacted, else all of the match. */
  rest: string;
  ignoreCase?: boolean;
  /** Checks a match: false leaves the text as it is. */
  accept?: (secret: string, text: string, start: number) => boolean;
}

const NOT_IN_WORD = '(?<![A-Za-z])';

/** `xxxxxx` and the like stand for a secret in examples. */
export function isFiller(secret: string): boolean {
  return /x{6}|\*{3}|\.{3}/i.test(secret);
}

function token(kind: string, anchor: string, rest: string): SecretRule {
  return { kind, anchor, rest, accept: (secret) => !isFiller(secret) };
}

/**
 * Secrets that say what they are: a prefix that their issuer documents, or a form of their own.
 * Every repetition is of one character class with nothing after it that could fail late, or is bounded, so the time is
 * linear in the text. Lengths are the shortest in use, as issuers lengthen their tokens: nothing else has such prefixes.
 * Identifiers that are public by design (Stripe `pk_`, AWS role ids, Sentry DSN hosts) are not secrets.
 */
export const TOKEN_RULES: readonly SecretRule[] = [
  { kind: 'aws-access-key', anchor: '(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])', rest: '[A-Z0-9]{16}(?![A-Za-z0-9])' },
  token('github-token', 'gh[pousr]_', '[A-Za-z0-9_]{30,}'),
  token('github-token', 'github_pat_', '[A-Za-z0-9_]{22,}'),
  token('gitlab-token', 'gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-', '[A-Za-z0-9_.-]{20,}'),
  token('gitlab-token', 'GR1348941', '[A-Za-z0-9_-]{20,}'),
  token('slack-token', 'xox[a-z]-', '[A-Za-z0-9-]{10,}'),
  token('slack-token', 'xoxe\\.xox[bp]-', '[A-Za-z0-9-]{10,}'),
  token('slack-token', 'xapp-', '\\d-[A-Za-z0-9-]{10,}'),
  {
    kind: 'slack-webhook',
    anchor: 'hooks\\.slack\\.com/(?:services|workflows|triggers)/',
    rest: '(?<secret>[A-Za-z0-9+/]{20,})',
    accept: (secret) => !isFiller(secret),
  },
  {
    kind: 'discord-webhook',
    anchor: 'discord(?:app)?\\.com/api/(?:v\\d{1,2}/)?webhooks/\\d{5,25}/',
    rest: '(?<secret>[\\w-]{30,})',
    accept: (secret) => !isFiller(secret),
  },
  {
    kind: 'discord-token',
    anchor: '\\.[\\w-]{6}\\.(?=[\\w-]{27})',
    before: '(?<![\\w-])[MNO][\\w-]{22,28}',
    rest: '[\\w-]{27,}',
  },
  token('stripe-key', '(?:sk|rk)_(?:live|test)_', '[A-Za-z0-9]{16,}'),
  token('webhook-secret', 'whsec_', '[A-Za-z0-9+/=]{24,}'),
  token('npm-token', 'npm_', '[A-Za-z0-9]{36,}'),
  token('pypi-token', 'pypi-A', '[A-Za-z0-9_-]{40,}'),
  token('rubygems-key', 'rubygems_', '[a-f0-9]{48}'),
  token('docker-token', 'dckr_(?:pat|oat)_', '[A-Za-z0-9_-]{20,}'),
  token('anthropic-key', 'sk-ant-', '[A-Za-z0-9_-]{20,}'),
  token('openai-key', 'sk-(?:proj|svcacct|admin|None)-', '[A-Za-z0-9_-]{20,}'),
  { kind: 'openai-key', anchor: 'T3BlbkFJ', before: 'sk-[A-Za-z0-9_-]{20,100}', rest: '[A-Za-z0-9_-]{20,}' },
  token('api-key', 'sk-(?:or-v1|lf|litellm|[a-z]{2,8}-v\\d)-', '[A-Za-z0-9_-]{20,}'),
  token('api-key', 'sk-(?=[A-Za-z]{0,31}\\d)', '[A-Za-z0-9]{32,}'),
  token('google-api-key', 'AIza', '[A-Za-z0-9_-]{35}'),
  token('google-oauth', 'GOCSPX-', '[A-Za-z0-9_-]{20,}'),
  token('google-oauth', 'ya29\\.', '[A-Za-z0-9_-]{20,}'),
  token('google-oauth', '1//0', '[A-Za-z0-9_-]{30,}'),
  { kind: 'azure-key', anchor: '(?:Account|SharedAccess)Key=', rest: '(?<secret>[A-Za-z0-9+/]{40,88}={0,2})' },
  { kind: 'azure-sas', anchor: '[?&]sig=', before: '', rest: '(?<secret>[A-Za-z0-9%+/]{40,}=?)' },
  { kind: 'azure-secret', anchor: '\\dQ~', before: '(?<![\\w~.-])[\\w~.-]{3}', rest: '[\\w~.-]{31,34}(?![\\w~.-])' },
  { kind: 'azure-devops-token', anchor: 'AZDO', before: '(?<![A-Za-z0-9])[A-Za-z0-9]{76}', rest: '[A-Za-z0-9]{4}' },
  token('sendgrid-key', 'SG\\.', '[\\w-]{16,32}\\.[\\w-]{16,64}'),
  token('mailgun-key', 'key-', '[0-9a-f]{32}(?![0-9a-z])'),
  { kind: 'mailchimp-key', anchor: '-us\\d', before: '(?<![0-9a-f])[0-9a-f]{32}', rest: '\\d?(?![0-9a-z])' },
  { kind: 'telegram-token', anchor: ':AA', before: '(?<!\\d)\\d{8,10}', rest: '[\\w-]{33}(?![\\w-])' },
  token('huggingface-token', 'hf_', '[A-Za-z0-9]{30,}'),
  token('replicate-token', 'r8_', '[A-Za-z0-9]{36,}'),
  token('groq-key', 'gsk_', '[A-Za-z0-9]{40,}'),
  token('perplexity-key', 'pplx-', '[A-Za-z0-9]{32,}'),
  token('xai-key', 'xai-', '[A-Za-z0-9]{60,}'),
  token('databricks-token', 'dapi', '[0-9a-f]{32}'),
  token('digitalocean-token', 'do[opr]_v1_', '[a-f0-9]{64}'),
  token('doppler-token', 'dp\\.(?:pt|st|ct|sa|scim|audit)\\.', '[A-Za-z0-9_.-]{40,}'),
  token('linear-key', 'lin_(?:api|oauth)_', '[A-Za-z0-9_]{32,}'),
  token('shopify-key', 'shp(?:pa|ca|at|ss|ua)_', '[A-Za-z0-9]{32,}'),
  token('square-token', 'sq0(?:atp|csp)-', '[\\w-]{22,}'),
  token('planetscale-token', 'pscale_(?:tkn|pw|oauth)_', '[\\w.-]{32,}'),
  token('postman-key', 'PMAK-', '[0-9a-f]{24}-[0-9a-f]{34}'),
  token('newrelic-key', 'NRAK-', '[A-Z0-9]{27}'),
  token('sentry-token', 'sntry[su]_', '[A-Za-z0-9+/=_-]{40,}'),
  token('supabase-key', 'sb(?:p|_secret)_', '[A-Za-z0-9_]{20,}'),
  token('notion-token', 'ntn_', '[A-Za-z0-9]{40,}'),
  token('figma-token', 'fig[dro]_', '[\\w-]{36,}'),
  token('grafana-token', 'gl(?:c|sa)_', '[A-Za-z0-9+/=_]{32,}'),
  token('vault-token', 'hv[sbr]\\.', '[\\w-]{24,}'),
  { kind: 'terraform-token', anchor: '\\.atlasv1\\.', before: '(?<![\\w-])[A-Za-z0-9]{14}', rest: '[\\w-]{40,}' },
  token('tailscale-key', 'tskey-', '[a-z]{2,10}-[A-Za-z0-9-]{16,}'),
  token('age-key', 'AGE-SECRET-KEY-1', '[0-9A-Z]{58}'),
  token('1password-token', 'ops_ey', '[A-Za-z0-9+/=_-]{100,}'),
  {
    kind: 'jwt',
    anchor: 'eyJ',
    before: '(?<![\\w-])',
    rest: '[\\w-]{10,}\\.(?:ey[\\w-]{8,}\\.[\\w-]{16,}|[\\w-]*\\.[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]{16,})',
  },
];

const PEM_BEGIN = '-----BEGIN ?[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----';
/** Characters of a PuTTY file of a 16,384 bit RSA key. */
const PUTTY_SIZE = 16 * 1024;
const PUTTY_BEGIN = 'PuTTY-User-Key-File-\\d';

export const PRIVATE_KEY_ANCHORS: readonly string[] = [PEM_BEGIN, PUTTY_BEGIN];

/**
 * Private keys in PEM, OpenSSH, PGP and PuTTY form, with their line breaks real or escaped, indented, quoted, or cut
 * off before the end. A body of fewer than 40 key characters is an example and stays.
 */
export function findPrivateKeys(text: string): SecretFinding[] {
  const findings: SecretFinding[] = [];
  for (const match of text.matchAll(new RegExp(`${PEM_BEGIN}|${PUTTY_BEGIN}`, 'g'))) {
    const start = match.index;
    const body = start + match[0].length;
    const end = match[0].startsWith('P') ? endOfPutty(text, body) : endOfPem(text, body);
    const characters =
      text
        .slice(body, end)
        .match(/[A-Za-z0-9+/]{16,}/g)
        ?.join('').length ?? 0;
    if (characters >= 40) findings.push({ kind: 'private-key', start, end });
  }
  return findings;
}

/** The end marker if it is the next marker, else the end of what looks like a body. Each part is read once. */
function endOfPem(text: string, body: number): number {
  const marker = text.indexOf('-----', body);
  const end = /-----END ?[A-Z0-9 ]{0,60}-----/y;
  end.lastIndex = marker;
  if (marker !== -1 && end.test(text)) return end.lastIndex;
  const rest = text.slice(body, marker === -1 ? text.length : marker);
  return body + (/^[A-Za-z0-9+/=\s\\:,>|."'-]*/.exec(rest)?.[0].length ?? 0);
}

/** A PuTTY file ends with its MAC; without one, what follows within a large key's size is taken. */
function endOfPutty(text: string, body: number): number {
  const rest = text.slice(body, body + PUTTY_SIZE);
  const next = rest.indexOf('PuTTY-User-Key-File-');
  const own = next === -1 ? rest : rest.slice(0, next);
  const mac = /Private-MAC: ?[0-9a-f]{0,64}/.exec(own);
  return body + (mac ? mac.index + mac[0].length : own.length);
}

/** The rule's expression, with offsets of its groups. */
export function compileRule(rule: SecretRule): RegExp {
  return new RegExp((rule.before ?? NOT_IN_WORD) + rule.anchor + rule.rest, rule.ignoreCase ? 'dgi' : 'dg');
}
