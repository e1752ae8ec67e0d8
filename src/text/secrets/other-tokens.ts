import { verifyWif } from './check-digits.js';
import { isFiller, isUuid, looksNamed, looksRandom } from './classify-value.js';
import type { SecretRule } from './secret-types.js';
import { tokenRules } from './token-rule.js';

const notFiller: SecretRule['accept'] = ({ secret }) => !isFiller(secret);
const NO_WORD_BEFORE = '(?<![A-Za-z0-9])';

/** Prefixes of ids that are public, and of digests in base 64. */
const PUBLIC_PREFIX =
  /^(?:pk|pub|public|phc|sha\d*|md5|id|ref|rev|build|chunk|img|asset|user|org|team|acct|cus|evt|pi|ch|in|sub|price|prod|req|resp|msg|run|file|chatcmpl|thread|batch|trace|span|job|task|cursor|next|page|etag)[_-]/i;

/** Three classes that change at nearly every second character, or capitals and digits that do. */
function isMixedRun(secret: string): boolean {
  const run = secret.slice(secret.search(/[_-]/) + 1, 128);
  const classes = run.replace(/[a-z]/g, 'a').replace(/[A-Z]/g, 'A').replace(/\d/g, '0');
  const changes = classes.match(/(.)(?!\1)/g)?.length ?? 0;
  const [lower, upper, digits] = ['a', 'A', '0'].map((each) => classes.split(each).length - 1);
  if (!upper || !digits || digits < 2 || upper < 4 || !looksRandom(run)) return false;
  return lower ? lower >= 4 && changes >= 0.4 * run.length : /^[A-Z0-9]{36,}$/.test(run) && changes >= 0.3 * run.length;
}

/** Parts of a prefix by which makers say that what follows is secret: `acme_sk_live_`, `acme-pat-`, `acme_api_`. */
const TELLING =
  'sk|rk|pat|tok|tkn|token|key|apikey|api|secret|sec|priv|pw|auth|access|refresh|session|live|pak|svc|sat|srv|bot|oat|uat';

const FORMS: readonly SecretRule[] = [
  {
    kind: 'discord-token',
    anchor: '\\.[\\w-]{6}\\.(?=[\\w-]{27})',
    before: '(?<![\\w-])[MNO][\\w-]{22,28}',
    rest: '[\\w-]{27,}',
  },
  { kind: 'openai-key', anchor: 'T3BlbkFJ', before: 'sk-[A-Za-z0-9_-]{20,100}', rest: '[A-Za-z0-9_-]{20,}' },
  {
    kind: 'azure-key',
    anchor: '(?:Account|SharedAccess|Access|accesskey)(?:Key)?=',
    rest: '(?<secret>[A-Za-z0-9+/]{40,88}={0,2})',
  },
  {
    // Keys of Azure that carry a fixed signature before their checksum.
    kind: 'azure-key',
    anchor: '(?:AIoT|AzCa|AzFu|AzSe|ACDb|APIM|AACR|JQQJ99)(?=[A-Za-z0-9+/]{4,50}={0,2})',
    before: `${NO_WORD_BEFORE}[A-Za-z0-9+/]{33,80}`,
    rest: '[A-Za-z0-9+/]{4,50}={0,2}',
    accept: ({ secret, text, start }) =>
      /[a-z]/.test(secret) && looksRandom(secret) && !/sha\d{1,3}[-:]$/.test(text.slice(Math.max(0, start - 8), start)),
  },
  { kind: 'azure-secret', anchor: '\\dQ~', before: '(?<![\\w~.-])[\\w~.-]{3}', rest: '[\\w~.-]{31,34}(?![\\w~.-])' },
  { kind: 'azure-devops-token', anchor: 'AZDO', before: `${NO_WORD_BEFORE}[A-Za-z0-9]{76}`, rest: '[A-Za-z0-9]{4}' },
  { kind: 'mailchimp-key', anchor: '-us\\d', before: '(?<![0-9a-f])[0-9a-f]{32}', rest: '\\d?(?![0-9a-z])' },
  { kind: 'telegram-token', anchor: ':AA', before: '(?<!\\d)\\d{8,10}', rest: '[\\w-]{32,}' },
  {
    kind: 'maxmind-key',
    anchor: '_mmk(?![A-Za-z0-9])',
    before: `${NO_WORD_BEFORE}[A-Za-z0-9]{6}_[A-Za-z0-9]{29}`,
    rest: '',
  },
  { kind: 'terraform-token', anchor: '\\.atlasv1\\.', before: '(?<![\\w-])[A-Za-z0-9]{14}', rest: '[\\w-]{40,}' },
  {
    kind: 'ghost-key',
    anchor: ':(?=[0-9a-f]{64}(?![0-9a-z]))',
    before: '(?<![0-9a-z])[0-9a-f]{24}',
    rest: '[0-9a-f]{64}',
  },
  {
    kind: 'fal-key',
    anchor: ':(?=[0-9a-f]{32}(?![0-9a-z]))(?<=[0-9a-f]{4}-[0-9a-f]{12}:)',
    before: '(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
    rest: '[0-9a-f]{32}',
  },
  {
    kind: 'jwt',
    anchor: 'eyJ',
    before: '(?<![\\w-])',
    rest: '[\\w-]{10,}\\.(?:ey[\\w-]{8,}\\.[\\w-]{16,}|[\\w-]*\\.[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]{16,})',
  },
  { kind: 'paseto', anchor: 'v[1-4]\\.(?:local|public)\\.', rest: '[\\w-]{40,}(?:\\.[\\w-]+)?' },
  { kind: 'age-key', anchor: 'AGE-SECRET-KEY-1', rest: '[0-9A-Z]{58}', accept: notFiller },
  { kind: 'nostr-key', anchor: 'nsec1', rest: '[02-9ac-hj-np-z]{58}' },
  { kind: 'wallet-key', anchor: '[xyz]prv', before: NO_WORD_BEFORE, rest: '[1-9A-HJ-NP-Za-km-z]{100,112}' },
  {
    kind: 'wallet-key',
    anchor: '(?:5[HJK]|[KL][1-5w-z])(?=[1-9A-HJ-NP-Za-km-z]{49,50}(?![1-9A-HJ-NP-Za-km-z]))',
    before: NO_WORD_BEFORE,
    rest: '[1-9A-HJ-NP-Za-km-z]{49,50}',
    accept: ({ secret }) => verifyWif(secret),
  },
  {
    // sk_, pat-, …: the prefix tells that it is secret; the rest is one long random run, so no name with a hash in it.
    kind: 'api-key',
    anchor: `(?:${TELLING})(?:[_-](?:live|test|prod|production|dev|stage|staging|sandbox|sbox|v\\d|u|o|[a-z]{2}\\d))?[_-](?=[A-Za-z_-]{0,60}\\d)(?=[A-Za-z0-9_-]{0,24}[A-Za-z0-9]{20})`,
    before: '(?<![A-Za-z0-9_-])(?:[A-Za-z0-9]{1,12}[_-]){0,2}[a-z]{0,5}',
    rest: '[A-Za-z0-9_-]*',
    accept: ({ secret }) => !isFiller(secret) && !PUBLIC_PREFIX.test(secret) && isMakersToken(secret),
  },
  {
    // A short prefix and one long run whose classes change at nearly every character: so makers write tokens, few others ids.
    kind: 'api-key',
    anchor:
      '[_-](?=[A-Za-z_-]{0,31}\\d)(?=[A-Za-z0-9_-]{32})(?<=(?<![A-Za-z0-9_-])[A-Za-z][A-Za-z0-9]{1,7}(?:[_-][a-z0-9]{1,4})?[_-])',
    before: '(?<![A-Za-z0-9_-])[A-Za-z][A-Za-z0-9]{1,7}(?:[_-][a-z0-9]{1,4})?',
    rest: '[A-Za-z0-9_-]{32,}[A-Za-z0-9+/=_-]*',
    accept: ({ secret }) => !isFiller(secret) && !PUBLIC_PREFIX.test(secret) && isMixedRun(secret),
  },
];

/** A run that looks made by a machine; a digest or UUID behind a common word such as `key-` is a cache key or an id. */
function isMakersToken(secret: string): boolean {
  const run = (secret.match(/[A-Za-z0-9]+/g) ?? []).reduce(
    (longest, each) => (each.length > longest.length ? each : longest),
    '',
  );
  const isDigest = /^[0-9a-f]{32}$|^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(run);
  if (isDigest && !/(?:^|[_-])[a-z]{0,5}(?:sk|rk|pat|secret|token|apikey)[_-]/.test(secret)) return false;
  return run.length >= 20 && looksRandom(run) && !looksNamed(run) && !isUuid(run);
}

/** Addresses that are secret because who knows them may post there. */
const WEBHOOKS: readonly SecretRule[] = (
  [
    ['slack-webhook', 'hooks\\.slack\\.com/(?:services|workflows|triggers)/', '[A-Za-z0-9+/]{20,}'],
    ['discord-webhook', 'discord(?:app)?\\.com/api/(?:v\\d{1,2}/)?webhooks/\\d{5,25}/', '[\\w-]{30,}'],
    ['teams-webhook', '\\.webhook\\.office\\.com/webhookb2/', '[\\w@-]{36,}/IncomingWebhook/[\\w/-]{32,}'],
    ['zapier-webhook', 'hooks\\.zapier\\.com/hooks/catch/', '\\d{4,}/[A-Za-z0-9]{5,}'],
    ['make-webhook', 'hook\\.(?:[a-z]{2}\\d\\.)?(?:make|integromat)\\.com/', '[a-z0-9]{28,}'],
    ['chat-webhook', 'chat\\.googleapis\\.com/v1/spaces/[\\w-]{5,40}/messages\\?', '[\\w=&%-]{30,}'],
    ['feishu-webhook', 'open\\.(?:feishu\\.cn|larksuite\\.com)/open-apis/bot/v2/hook/', '[0-9a-f-]{32,}'],
    ['wecom-webhook', 'qyapi\\.weixin\\.qq\\.com/cgi-bin/webhook/send\\?key=', '[0-9a-f-]{32,}'],
    ['ifttt-webhook', 'maker\\.ifttt\\.com/trigger/[\\w-]{1,60}/(?:json/)?with/key/', '[\\w-]{20,}'],
    ['pipedream-webhook', '\\.m\\.pipedream\\.net/', '[\\w-]{20,}'],
    ['opsgenie-webhook', 'api\\.opsgenie\\.com/v1/json/[\\w/]{1,40}\\?apiKey=', '[0-9a-f-]{32,}'],
  ] as const
).map(([kind, anchor, body]) => ({
  kind,
  anchor,
  before: '',
  rest: `(?<secret>${body})`,
  accept: notFiller,
}));

/** Tokens of another form than a prefix and a run of characters, and the form that makers without a rule follow. */
export const OTHER_TOKENS: readonly SecretRule[] = [
  ...WEBHOOKS,
  ...FORMS,
  ...tokenRules([
    ['api-key', 'sk-(?:or-v1|or|lf|litellm|[a-z]{2,8}-v\\d)-', '[A-Za-z0-9_-]{20,}'],
    ['api-key', 'sk-(?=[A-Za-z]{0,31}\\d)', '[A-Za-z0-9]{32,}'],
  ]),
];
