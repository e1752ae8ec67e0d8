/** Names of passwords, also in other languages than English. Sources of regular expressions, read without case. */
export const PASSWORD_NAMES = [
  'passw(?:or)?d|passphrase|passcode|requirepass|masterauth|bindpw|rootpw|userpw|storepass|keypass',
  'passwort|kennwort|mot[ _-]de[ _-]passe|contrase[nñ]a|senha|wachtwoord|hasło|salasana|lösenord|adgangskode|şifre',
  'пароль|密码|密碼|口令|パスワード|비밀번호',
  // Within a word they are part of another one, but for `dbpwd`.
  'pwd|(?:pass|pw|psk|mdp|parola)(?<![a-z](?:pass|pw|psk|mdp|parola))',
].join('|');

/** What a key opens or does, in names such as `api_key`. */
const KEY_WORDS = [
  'api|app|application|access|auth|authentication|private|priv|account|signing|signature|sign|encryption|encrypt|decryption',
  'enc|cipher|crypto|secret|master|shared|sharedaccess|deploy|service|server|client|license|licence|subscription|admin',
  'write|ingest|ingestion|hmac|aes|fernet|jwt|jwe|jws|cookie|session|storage|webhook|consumer|functions?|management',
  'integration|developer|dev|bot|ssh|ssl|tls|gpg|rsa|vault|unseal|recovery|backup|partner|merchant|provider|connection',
  'root|rest|live|prod|production|sandbox|sdk|security|secure|instrumentation|batch|cosmos|search|maps?|stream|feed',
].join('|');

/** Names of secrets that a machine has made. */
export const SECRET_NAMES = [
  `secret|token|credentials?|key(?<=(?:${KEY_WORDS})[ _-]?key|\\b(?:the|this|my|our|your)[ \\t]key)|auth(?<=\\bx-auth)`,
  '(?:jwt|bearer|pat|sas|totp)(?<![a-z](?:jwt|bearer|pat|sas|totp))|_(?:auth|salt)|(?:logged_in|nonce)_(?:key|salt)',
].join('|');

/** What may stand between a credential's name and its end: `API_KEY_PROD`, `password2`, `secretKeyBase`. */
export const NAME_SUFFIX =
  '(?:[_-]?(?:base|value|val|prod|production|dev|test|staging|live|old|new|current|previous|primary|secondary|main|default|str|string|text|plain|cleartext|b64|base64|raw|hex|\\d{1,2})){0,2}';

/** Words before `token` or `key` whose values are no secrets: they name a place in a list, a request, something public. */
const HARMLESS = [
  'public|publishable|site|csrf|xsrf|anti[_-]?forgery|request[_-]?verification|idempotency|idempotent|dedup\\w*|dedupe',
  'cache|next|prev|previous|page|paging|pagination|continuation|continue|cursor|sync|resume|delta|watch|scroll|nextpage',
  'cancellation|cancel|abort|partition|routing|primary|foreign|sort|range|composite|object|s3|lookup|natural|surrogate',
  'bos|eos|pad|unk|sep|cls|mask|special|stop|think|sentinel|design|layout|color|theme|syntax|lexer|parse|ast',
  'fencing|fence|lock|concurrency|etag|version|change|trace|span|host|known|finger|i18n|translation|react|map|list|unique',
].join('|');
const HARMLESS_NAME = new RegExp(`(?:^|[^a-z])(?:${HARMLESS})[_-]?$|(?:${HARMLESS})[_-]$`, 'i');
const CAMEL_HARMLESS = new RegExp(`(?:^|[a-z0-9])(?:${HARMLESS})$`, 'i');

/** Characters before a name that are read. */
const MAX_BEFORE = 48;

/** The part of an identifier that stands before `from`: `next_page_` before `token`. */
export function readNameBefore(text: string, from: number): string {
  return /[\w.-]*$/.exec(text.slice(Math.max(0, from - MAX_BEFORE), from))?.[0] ?? '';
}

/** True for `idempotency_key`, `nextPageToken`, `X-CSRF-Token`: what they hold is no secret. @param from where the matched name begins */
export function isHarmlessName(text: string, from: number): boolean {
  const before = readNameBefore(text, from);
  return before !== '' && (HARMLESS_NAME.test(before) || CAMEL_HARMLESS.test(before));
}

/** True inside an ARN or another reference by colons, such as `…:123456789012:secret:prod/db-a1B2c3`. */
export function isInReference(text: string, from: number): boolean {
  if (text[from - 1] !== ':' && text[from - 1] !== '/') return false;
  return /(?:arn|urn|projects|secretsmanager|vault|op)[:/][^\s"']{0,120}$/i.test(
    text.slice(Math.max(0, from - 140), from),
  );
}
