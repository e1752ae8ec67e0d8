import {
  acceptGiven,
  acceptPaired,
  acceptSaid,
  acceptSaidSecret,
  acceptSecret,
  isDigest,
  isEncodedPair,
  isUsersOwnName,
} from './accept-assigned.js';
import { isFiller, isPlaceholder, isUuid, looksChosen, looksNamed, looksRandom } from './classify-value.js';
import { NAME_SUFFIX, PASSWORD_NAMES, SECRET_NAMES } from './credential-names.js';
import type { PartRule, RuleMatch, SecretRule } from './secret-types.js';

const Q = '"\'`“”„«»‘’「」';

/** The user before `:password`, read back from the password. */
function readUser({ text, start }: RuleMatch): string {
  return /([^\s/:@"'=%]{1,64})[:/%]$/.exec(text.slice(Math.max(0, start - 65), start))?.[1] ?? '';
}

const acceptOfUser = (match: RuleMatch): boolean =>
  !isPlaceholder(match.secret) && !isUsersOwnName(readUser(match), match.secret);

function acceptUrlPassword(match: RuleMatch): boolean {
  const { secret, text, start } = match;
  if (!acceptOfUser(match) || secret === 'x-oauth-basic' || /^\d{1,5}(?:[,;?&#].*)?$/.test(secret)) return false;
  // Image digests and package versions are no credentials.
  return !/(?:docker|oci|npm|jsr|pkg):\/\/[^/\s]{0,100}$/i.test(text.slice(Math.max(0, start - 112), start));
}

/** A query's parameters whose value lets its bearer in. */
const QUERY_NAMES =
  '(?:[\\w.-]{0,30}[_.-])?(?:token|api[_-]?key|apikey|access[_-]?key|secret|password|passwd|pwd|auth|jwt|sig|signature|sign|hmac|ticket|otp|sas|session|key)';

const acceptQuery = (match: RuleMatch): boolean =>
  !isFiller(match.secret) &&
  (acceptSecret(match) || (/pass|pwd|secret/i.test(nameInQuery(match)) && acceptGiven(match)));

const nameInQuery = ({ text, from, start }: RuleMatch): string => text.slice(from, start);

/** Names of cookies that count visits or hold choices. */
const HARMLESS_COOKIE =
  /(?:^|[;\s"'])(?:_ga\w*|_gid|_gcl\w*|_fbp|__cf\w*|cf_\w+|csrf\w*|xsrf\w*|[\w-]*csrf[\w-]*|[\w-]*consent[\w-]*|locale|lang|theme|path|domain|expires|ajs_\w*|optimizely\w*|intercom-id\w*)=$/i;

function acceptCookie(match: RuleMatch): boolean {
  const { secret, text, start } = match;
  const name = /[\w.%-]{1,60}(?:=|["'][ \t]?:[ \t]?)["']?$/.exec(text.slice(Math.max(0, start - 64), start))?.[0] ?? '';
  if (isPlaceholder(secret) || HARMLESS_COOKIE.test(name)) return false;
  if (looksRandom(secret) || isUuid(secret)) return true;
  return (
    /sess|sid|auth|token|jwt|login|remember/i.test(name) &&
    secret.length >= 8 &&
    looksChosen(secret) &&
    !looksNamed(secret)
  );
}

/** Before the port of a .pgpass stands a host alone, which is no file of a compiler's message. */
const followsHost = ({ text, from }: RuleMatch): boolean => {
  const before = text.slice(Math.max(0, from - 110), from);
  return (
    /(?:^|[\s"'`(/])(?:[\w.-]{1,100}|\*|\/[\w/.-]{1,100}|\[[0-9a-f:]{2,40}\])$/.test(before) &&
    !/\.(?:[jt]sx?|py|go|rs|c|h|cpp|java|rb|md|json|ya?ml)$/.test(before)
  );
};

/** Secrets known by where they stand: in a URL, a header, a cookie, a sentence, a file of one tool. */
export const PLACED_SECRETS: readonly (SecretRule | PartRule)[] = [
  {
    kind: 'totp-secret',
    anchor: 'otpauth://',
    before: '',
    rest: '[^\\s"\'<>]{0,300}?[?&]secret=(?<secret>[A-Za-z2-7]{16,128})',
    accept: ({ secret }) => !isFiller(secret),
  },
  {
    // Any scheme: postgres, mysql, mongodb+srv, redis, amqp, https …; the user may be missing.
    kind: 'url-password',
    anchor: '://[^\\s:@/"\'`<>?#[]{0,100}:(?=[^\\s/"\'`<>]{1,256}@)',
    before: '',
    rest: '(?<secret>[^\\s/"\'`<>]{1,256})@(?=[\\w[.$%{-])',
    accept: acceptUrlPassword,
  },
  {
    kind: 'url-token',
    anchor: '://(?=[\\w.~-]{20,256}(?::x-oauth-basic)?@)',
    before: '',
    rest: '(?<secret>[\\w.~-]{20,256})(?::x-oauth-basic)?@',
    accept: ({ secret }) => !isPlaceholder(secret) && looksRandom(secret),
  },
  {
    kind: 'url-token',
    anchor: `[?&]${QUERY_NAMES}=(?=[^\\s&#"'<>]{6})`,
    before: '',
    rest: '(?<secret>[^\\s&#?"\'`<>()\\\\]{6,1024})',
    ignoreCase: true,
    accept: acceptQuery,
  },
  { kind: 'azure-sas', anchor: '[?&]sig=', before: '', rest: '(?<secret>[A-Za-z0-9%+/]{40,}=?)' },
  {
    // user:password@tcp(host:3306)/name, as Go's drivers take it
    kind: 'url-password',
    anchor: '@(?:tcp|udp|unix)\\(',
    before: '(?<=(?<![\\w:])[\\w.-]{1,64}:)(?<secret>[^\\s:@/"\'`]{4,128})',
    rest: '',
    accept: acceptOfUser,
  },
  {
    kind: 'authorization',
    anchor: '\\b(?:Bearer|ApiKey)[ \\t]{1,4}(?=[A-Za-z0-9._~+/-]{16})',
    before: '',
    rest: '(?<secret>[A-Za-z0-9._~+/-]{16,}={0,2})',
    ignoreCase: true,
    accept: (match) =>
      acceptSaidSecret(match) || (/^[A-Za-z0-9]{32,}$/.test(match.secret) && !looksNamed(match.secret)),
  },
  {
    kind: 'authorization',
    anchor: '\\bBasic[ \\t]{1,4}(?=[A-Za-z0-9+/]{8})',
    before: '',
    rest: '(?<secret>[A-Za-z0-9+/]{8,1024}={0,2})(?![A-Za-z0-9+/=])',
    accept: ({ secret }) => isEncodedPair(secret),
  },
  {
    kind: 'authorization',
    anchor:
      'authorization\\\\?["\'`]?[ \\t]{0,4}[:=,][ \\t]{0,4}\\\\?["\'`]?(?:(?:Bearer|Basic|Token|ApiKey|Digest|Key|Splunk|GenieKey|SSWS|Bot|OAuth|DPoP|Negotiate|NTLM|token=|key=|Klaviyo-API-Key|DeepL-Auth-Key)[ \\t]{0,4})?(?=["\']?[A-Za-z0-9._~+/-]{8})',
    before: '',
    rest: '["\']?(?<secret>[A-Za-z0-9._~+/-]{8,}={0,2})',
    ignoreCase: true,
    accept: ({ secret, text, start }) =>
      !isPlaceholder(secret) &&
      (looksRandom(secret) ||
        (/(?:Bearer|Basic|Token|ApiKey|Key|SSWS|Bot|Splunk)[ \t]+["']?$/i.test(
          text.slice(Math.max(0, start - 24), start),
        ) &&
          !looksNamed(secret) &&
          (/\d/.test(secret) || secret.endsWith('=') || /[a-z][A-Z]/.test(secret)))),
  },
  {
    // A signed request of AWS.
    kind: 'authorization',
    anchor: 'Signature=(?=[0-9a-f]{64})',
    rest: '(?<secret>[0-9a-f]{64})',
  },
  {
    kind: 'cookie',
    anchor: '(?:\\bcookies?\\\\?["\'`]?\\]?[ \\t]{0,4}[:=(,]|[ \\t](?:-b|--cookie)[ =](?=["\']?[\\w.%-]{1,60}=))',
    partEnd: /\r?\n/,
    maxPart: 4_096,
    within: /(?<![\w.%-])[\w.%-]{1,60}(?:=|["'][ \t]?:[ \t]?["'])["']?(?<secret>[^\s;,"'`\\{]{8,4096})/dg,
    accept: acceptCookie,
  },
  {
    kind: 'cookie',
    anchor:
      '(?:JSESSIONID|PHPSESSID|ASP\\.NET_SessionId|connect\\.sid|laravel_session|_[a-z]{2,20}_session|sessionid|__(?:Secure|Host)-[\\w.-]{1,40})=(?=[^\\s;,"\']{16})',
    before: '(?<![\\w-])',
    rest: '(?<secret>[^\\s;,"\'`\\\\]{16,4096})',
    accept: acceptCookie,
  },
  {
    // "the password is …", "set the token for staging to …"; the look ahead keeps most sentences from the rules.
    kind: 'password',
    stem: `(?:${PASSWORD_NAMES})${NAME_SUFFIX}`,
    anchor: `(?:(?:[ \\t][^\\n.:=;]{0,60}?)?(?:[ \\t](?:is|was|are|to|ist|lautet|est|es|é|è|jest|wynosi|er|är|to|now|still|—|–)|是|为|為|は|은|는)[:：]?|[ \\t](?:for|of|on|für|pour|para|per|dla|do)[ \\t][^\\n.:=;]{1,50}?:|：)[ \\t]{0,3}[${Q}]?(?=[^\\s]{0,64}[\\d!@#$%^&*+=?~|])`,
    before: '',
    rest: `(?<secret>(?<=[${Q}])[^\\s${Q}]{4,128}(?=[${Q}])|[^\\s${Q}<>(){};,。，、]{5,127}[^\\s${Q}<>(){};,.。，、:?])`,
    ignoreCase: true,
    accept: acceptSaid,
  },
  {
    kind: 'secret-value',
    stem: `(?:${SECRET_NAMES})${NAME_SUFFIX}`,
    anchor: `s?(?:[ \\t][^\\n.:=;]{0,60}?)?(?:[ \\t](?:is|was|are|to|ist|lautet|est|es|é|è|jest|er|är|on|now|still)|是|为|為|は|은|는)[:：]?[ \\t]{0,3}[${Q}]?(?=[\\w.~+/=-]{16})`,
    before: '',
    rest: '(?<secret>[\\w.~+/=-]{15,512}[\\w+/=-])',
    ignoreCase: true,
    accept: (match) => acceptSaidSecret(match) && !isDigest(match.secret),
  },
  {
    // user bob / password hunter2, login: a pass: b, machine h login u password p of .netrc
    kind: 'password',
    anchor:
      '\\b(?:login|user(?:name)?|account)[ \\t:=]\\s{0,4}[^\\s,;/]{1,100}[\\s,;/]{1,20}(?:and[ \\t]|with[ \\t])?(?:the[ \\t])?(?:password|passwd|pass|pw)[:=]?[ \\t]{1,4}["\'`]?(?=\\S{4})',
    before: '',
    rest: '(?<secret>[^\\s"\'`,;<>]{4,256})',
    ignoreCase: true,
    accept: (match) => acceptGiven(match) && acceptSaid({ ...match, secret: match.secret.padEnd(6, '1') }),
  },
  {
    // Use … as the password
    kind: 'password',
    anchor:
      '["\'`]?[ \\t](?:as|for)[ \\t](?:the|your|our|my|its|an?)[ \\t](?:[a-z]{1,12}[ \\t])?(?:password|passphrase|passcode|token|secret|key)\\b',
    before: '(?<=[\\s"\'`])(?<secret>[^\\s"\'`]{6,128})',
    rest: '',
    ignoreCase: true,
    accept: acceptPaired,
  },
  {
    // creds: admin / …, login is root:…
    kind: 'password',
    anchor:
      '\\b(?:cred(?:ential)?s?|log-?in|account|zugang(?:sdaten)?|identifiants|acceso|accesso|conta)\\b[^\\n/:]{0,24}?[ \\t:=(]{1,3}["\'`]?[\\w.@-]{2,40}["\'`]?[ \\t]{0,2}[/:|][ \\t]{0,2}["\'`]?(?=[^\\s"\'`]{6})(?=[^\\s]{0,64}[\\d!#$%^&*~?])',
    before: '',
    rest: '(?<secret>[^\\s"\'`,;<>]{6,128})',
    ignoreCase: true,
    accept: acceptPaired,
  },
  {
    // A line of .pgpass: host:port:database:user:password
    kind: 'password',
    anchor: ':(?:\\d{4,5}|\\*):[\\w*.-]{1,64}:[\\w*.-]{1,64}:(?=[^\\s:]{4})',
    before: '',
    rest: '(?<secret>[^\\s]{4,256})(?=[ \\t]{0,4}(?:\\r?\\n|$))',
    accept: (match) => acceptOfUser(match) && !/^\d+$/.test(match.secret) && followsHost(match),
  },
  {
    // "auth": "…" of Docker, and what else holds user:password in base 64 under such a name
    kind: 'basic-auth',
    anchor: '(?<![A-Za-z])auth\\\\?["\']?\\s{0,4}[:=]\\s{0,4}\\\\?["\']?(?=[A-Za-z0-9+/]{8})',
    before: '',
    rest: '(?<secret>[A-Za-z0-9+/]{8,2048}={0,2})(?![A-Za-z0-9+/=_-])',
    ignoreCase: true,
    accept: ({ secret }) => isEncodedPair(secret),
  },
  {
    // The private members of a JSON Web Key.
    kind: 'private-key',
    anchor: '\\\\?"(?:d|p|q|dp|dq|qi|k)\\\\?"\\s{0,4}:\\s{0,4}\\\\?"(?=[\\w-]{20})',
    before: '',
    rest: '(?<secret>[\\w-]{20,4096})',
    accept: ({ text, start, secret }) =>
      /"kty\\?"/.test(
        text.slice(Math.max(0, start - 3_000), start) +
          text.slice(start + secret.length, start + secret.length + 3_000),
      ),
  },
  {
    kind: 'seed-phrase',
    anchor: '(?:mnemonic|(?:seed|recovery|backup|secret)[ _-]?(?:phrase|words))',
    before: '',
    rest: '[^\\n:=]{0,40}[:=][ \\t]{0,4}["\'`]?(?<secret>(?:[a-z]{3,8} ){11,23}[a-z]{3,8})(?![a-z])',
    ignoreCase: true,
  },
];
