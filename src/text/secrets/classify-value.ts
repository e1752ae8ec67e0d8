/** Words that stand for a password in examples, and passwords that everyone knows anyway. */
const KNOWN_WORDS = new Set([
  ...['password', 'passwd', 'passphrase', 'pass', 'pwd', 'secret', 'token', 'key', 'user', 'username', 'string'],
  ...['postgres', 'root', 'admin', 'test', 'guest', 'example', 'changeme', 'demo', 'dummy', 'foo', 'bar', 'none'],
  ...['null', 'undefined', 'true', 'false', 'required', 'optional', 'redacted', 'hidden', 'masked', 'omitted'],
]);

/** `xxxxxx` and the like stand for a secret in examples; so does what ends with EXAMPLE, as in AWS's documentation. */
export function isFiller(secret: string): boolean {
  return /x{6}|\*{3}|\.{3}|EXAMPLE(?:KEY)?$|^(?:0+|(.)\1{5,})$/i.test(secret);
}

/** Ways to name a secret that is kept elsewhere: templates, variables, files, commands, stores. */
const REFERENCES = [
  '<.*>',
  '\\[.*\\]',
  '\\{.*\\}',
  '\\$[{(].*',
  '%(?:[A-Za-z_]+%|[sdvq])',
  '(?:arn|urn|did|op|vault|ssm|secretsmanager|file|env|ref|data|keyvault|sops|gcp|aws|akv|awskms|awssm)[:+].*',
  '!(?:ref|sub|getatt|secret|vault|env).*',
  '@(?:microsoft|env|file).*',
  '(?:sha\\d{1,3}|md5)[-:].*',
  '(?:process|import\\.meta|os|sys|env|var|vars|local|module|data|secrets|config|settings|self|this|props|ctx|req|res)\\.[A-Za-z_][\\w.-]*',
].join('|');
const REFERENCE = new RegExp(`^(?:${REFERENCES})$`, 'is');
const VARIABLE = /^\$(?:[A-Z_][A-Z0-9_]*|[a-z_]+|env:\w+)$/;

/** Nobody writes a longer one, in characters. */
const MAX_PLACEHOLDER = 160;

/** True for `<password>`, `${DB_PASSWORD}`, `{{ token }}`, `%PASS%`, `$PASS`, `your-key`, `xxxxxx`, `password123`. */
export function isPlaceholder(value: string): boolean {
  if (value.length > MAX_PLACEHOLDER) return isFiller(value.slice(0, MAX_PLACEHOLDER));
  const word = value.toLowerCase().replace(/(?:1|12|123|1234|12345|123456)?[!]?$/, '');
  return (
    KNOWN_WORDS.has(word) ||
    /^(?:some|your|my|user|db|auth|super|the|top|new|old|a)?[-_]?(?:password|passwd|pass|secret|token|key|pw|pwd)$/.test(
      word,
    ) ||
    /^your[a-z_-]*$/i.test(value) ||
    REFERENCE.test(value) ||
    VARIABLE.test(value) ||
    /^(?:your|replace|insert|enter)[\W_]|^change[\W_]?me|^(?:example|placeholder|redacted)/i.test(value) ||
    (/^(?:my|the|some|any|new|old|fake|dummy|test|sample|super)[-_ ]/i.test(value) && looksNamed(value)) ||
    /…/.test(value) ||
    isFiller(value)
  );
}

/** Words of the trade that have digits: names are made of them, secrets are not. */
const DIGIT_WORDS =
  /argon2(?:id|[id])?|bcrypt\d?|scrypt\d?|pbkdf2|sha-?(?:1|2|3|224|256|384|512)|hmac|md[45]|aes-?(?:128|192|256)?|[rhep]s-?(?:256|384|512)|ed25519|curve25519|x25519|secp256[kr]1|base-?(?:16|32|36|58|62|64)(?:url)?|utf-?(?:8|16|32)|oauth-?[12]|x509|p12|pkcs-?\d{1,2}|ipv[46]|http[123]|h2c|tls1|s3|ec2|k8s|i18n|l10n|a11y|e2e|b64|2fa|mfa|u2f|fido2|web3|es\d{1,2}|html5|css3|mp[34]|log4j|neo4j|v\d{1,3}|r2|d1|k3s|gpt\d|llama\d|postgres\d{0,2}|python[23]|node\d{1,2}|ssh2|smb\d|win32|x86|x64|arm64|amd64/gi;
const TECHNICAL_WORD = new RegExp(`^(?:${DIGIT_WORDS.source})+$`, 'i');

/** Words in any case, camel case or acronyms; a number may end them, or stand before a capital. */
const NAME_PART =
  /^(?:(?:[A-Z]?[a-z]{2,16}|[A-Z]{2,10}(?![a-z])|[A-Z](?=[A-Z][a-z])|[AIax](?=[A-Z]))(?:\d{1,2}(?=[A-Z]))?){0,8}(?:[A-Z]?[a-z]?|[A-Z]{1,14})?\d{0,4}$/;
const LONGEST_NAME_PART = 60;
const MIN_WORDED = 12;
/** A word without a vowel is hardly one; abbreviations are short. */
const NO_WORD = /[bcdfghjklmnpqrstvwxz]{6}/;

/** True for what a person would have written: names, paths, versions, dates, addresses. */
export function looksNamed(value: string): boolean {
  if (value.includes('://') || /^[.~]{0,2}\/[\w.-]+\/|^(?:\.{1,2}|~)\/|^[@#]|^[A-Za-z]:[\\/]/.test(value)) return true;
  // A file may be named after a secret: its ending alone makes no name.
  return value
    .replace(/\.(?:mp[34]|p12|h5|m4)$/, '')
    .split(/[-_./:@,+ |]+/)
    .every(isNamePart);
}

function isNamePart(part: string): boolean {
  if (part.length > LONGEST_NAME_PART) return false;
  const plain = part.replace(DIGIT_WORDS, '');
  return NAME_PART.test(plain) && !NO_WORD.test(plain) && hasWords(plain);
}

/** Chance makes words of one or two letters; names of several words have longer ones. */
function hasWords(part: string): boolean {
  if (part.length < MIN_WORDED) return true;
  return part.length >= 3 * (part.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g)?.length ?? 0);
}

/** Bits a character, by the value's own frequencies: near 4 for hexadecimal digests, 2.5 for words. */
function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

/** Characters of a value that are read: of a longer one the beginning tells. */
const MAX_READ = 128;
const MIN_RANDOM = 16;

/** True for a value of 16 characters and more that only a machine can have made. */
export function looksRandom(value: string): boolean {
  if (value.length < MIN_RANDOM) return false;
  const read = value.slice(0, MAX_READ);
  if (!/[A-Za-z]/.test(read) || !(/\d/.test(read) || changesCase(read))) return false;
  return entropy(read) >= 3 && !looksNamed(read);
}

/** Letters alone whose case changes more often than in any camel case. */
function changesCase(value: string): boolean {
  return (value.match(/[a-z][A-Z]|[A-Z]{2}[a-z]/g)?.length ?? 0) >= value.length / 5;
}

/** True for letters with digits or signs among them, as passwords are, but not for sizes, times and versions. */
export function looksChosen(value: string): boolean {
  return (
    /\p{L}/u.test(value) &&
    /[\d!@#$%^&*+=?~|§£€]/.test(value) &&
    !/^[\d.,:/-]+[a-z]{0,2}$/i.test(value) &&
    !TECHNICAL_WORD.test(value)
  );
}

/** True for 10 characters and more of at least three classes that form no name: what policies ask of a password. */
export function looksStrong(value: string): boolean {
  if (value.length < 10 || /\s/.test(value)) return false;
  const hasSign = /[^\w.,:/()[\]{}-]/.test(value);
  const classes = [/[a-z]/, /[A-Z]/, /\d/].filter((each) => each.test(value)).length + (hasSign ? 1 : 0);
  return classes >= 3 && (hasSign ? !value.includes('://') : !looksNamed(value));
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const OWN_ID = /^(?:agent|sess|stash|insight|dec|lock|ann|proj)_[0-9a-z]{12,}$/;

export function isUuid(value: string): boolean {
  return UUID.test(value);
}

/** An id of PopStash itself. */
export function isOwnId(value: string): boolean {
  return OWN_ID.test(value);
}

/** A path in a file system, as `PWD=/home/x` has one. */
export function isPath(value: string): boolean {
  return /^(?:~|\.{1,2})?(?:\/[\w.@+ -]*)+$/.test(value) && looksNamed(value.replace(/^[~.]{0,2}\//, ''));
}
