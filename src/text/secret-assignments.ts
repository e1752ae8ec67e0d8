import type { SecretRule } from './secret-rules.js';

/** Words that stand for a password in examples, and passwords that everyone knows anyway. */
const KNOWN_WORDS = new Set([
  ...['password', 'passwd', 'passphrase', 'pass', 'pwd', 'secret', 'token', 'user', 'username', 'string'],
  ...['postgres', 'root', 'admin', 'test', 'guest', 'example', 'changeme'],
]);

/** True for `<password>`, `${DB_PASSWORD}`, `{{ token }}`, `%PASS%`, `$PASS`, `your-key`, `xxxxxx`, `***`, `...`. */
function isPlaceholder(value: string): boolean {
  return (
    KNOWN_WORDS.has(value.toLowerCase()) ||
    /^(?:<.*>|\[.*\]|\{.*\}|\$[{(].*|\$(?:[A-Z_][A-Z0-9_]*|[a-z_]+)|%(?:[A-Za-z_]+%|[sdvq]))$/.test(value) ||
    /^(?:your|replace|insert)[\W_]|^change[\W_]?me|^example|^placeholder/i.test(value) ||
    /x{6}|\*{3}|\.{3}|…|^(.)\1*$/i.test(value)
  );
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const OWN_ID = /^(?:agent|sess|stash|insight|dec|lock|ann)_[0-9a-z]{12,}$/;
/** A word in any case or camel case, perhaps with a number at its end, or a number. */
const NAME_PART = /^(?:(?:[A-Z]?[a-z]{1,14}(?:[A-Z][a-z]{2,14}){0,6}|[A-Z]{1,14})?\d{0,4})$/;

/** True for what a person would have written: names, paths, versions, dates, addresses. */
function looksNamed(value: string): boolean {
  if (value.includes('://') || /^[./~@#]|\.[a-z]{1,5}$/.test(value)) return true;
  return value.split(/[-_./:@,+]+/).every((part) => NAME_PART.test(part));
}

/** Bits a character, by the value's own frequencies: near 4 for hexadecimal digests, 2.5 for words. */
function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}

/** True for a value of 16 characters and more that only a machine can have made. */
function looksRandom(value: string): boolean {
  return value.length >= 16 && /\d/.test(value) && /[A-Za-z]/.test(value) && entropy(value) >= 3 && !looksNamed(value);
}

/** True for letters with digits or signs among them, as passwords are, but not for sizes, times and versions. */
function looksChosen(value: string): boolean {
  return /[A-Za-z]/.test(value) && /[\d!@#$%^&*+=?~|]/.test(value) && !/^[\d.,:/-]+[a-z]{0,2}$/i.test(value);
}

/** `password = hash2(x)` and `keys2[0]` are code: the character after the value tells. */
const isCode = (secret: string, text: string, start: number): boolean => /[([]/.test(text[start + secret.length] ?? '');
const isQuoted = (text: string, start: number): boolean => /["'`]/.test(text[start - 1] ?? '');

function acceptPassword(secret: string, text: string, start: number): boolean {
  if (isPlaceholder(secret) || !looksChosen(secret)) return false;
  // `"password2.required"` is a message's name, not a password.
  if (isQuoted(text, start)) return !/^\w{1,40}(?:[.:][a-z]\w*)+$/i.test(secret);
  // `password=hunter2` is a value; `password: hash2` may be code, unless the value is no likely name.
  if (isCode(secret, text, start)) return false;
  return text[start - 1] === '=' || looksRandom(secret) || /[!@#$%^&*?~|]/.test(secret);
}

const acceptRandom = (secret: string, text: string, start: number): boolean =>
  !isPlaceholder(secret) &&
  looksRandom(secret) &&
  !UUID.test(secret) &&
  !OWN_ID.test(secret) &&
  !isCode(secret, text, start);

const PASSWORD_NAMES = 'passw(?:or)?d|passphrase|pwd';
const KEY_NAMES = '(?:api|access|auth|private|account|signing|encryption|secret|master)[_-]?key';
/** After a name: its closing quote if it has one, the separator, the value's opening quote if it has one. */
const SEPARATOR = '\\\\?["\'`]?[ \\t]{0,4}(?:=>|[:=])[ \\t]{0,4}(?:\\\\?["\'`])?';

/** Secrets that are known by where they stand: after a name, in a header, in a URL. Placeholders and code stay. */
export const ASSIGNMENT_RULES: readonly SecretRule[] = [
  {
    kind: 'aws-secret-key',
    anchor: `(?:secret_?access_?key|aws_?secret(?:_?key)?)\\\\?["'\`]?\\s{0,4}(?:=>|[:=])`,
    before: '',
    rest: '\\s{0,4}\\\\?["\'`]?(?<secret>[A-Za-z0-9/+=]{40})(?![A-Za-z0-9/+=])',
    ignoreCase: true,
  },
  {
    // Any scheme: postgres, mysql, mongodb+srv, redis, amqp, https …; the user may be missing. Image digests are none.
    kind: 'url-password',
    anchor: '://[^\\s:@/"\'`<>?#[]{0,100}:(?=[^\\s/"\'`<>]{1,256}@)',
    before: '',
    rest: '(?<secret>[^\\s/"\'`<>]{1,256})@(?=[\\w[.$%{-])',
    accept: (secret, text, start) =>
      !isPlaceholder(secret) &&
      secret !== 'x-oauth-basic' &&
      !/^\d{1,5}(?:[,;?&#].*)?$/.test(secret) &&
      !/(?:docker|oci|npm|jsr):\/\/[^/\s]{0,100}$/i.test(text.slice(Math.max(0, start - 112), start)),
  },
  {
    kind: 'url-token',
    anchor: '://(?=[\\w.~-]{20,256}(?::x-oauth-basic)?@)',
    before: '',
    rest: '(?<secret>[\\w.~-]{20,256})(?::x-oauth-basic)?@',
    accept: (secret) => !isPlaceholder(secret) && looksRandom(secret),
  },
  {
    kind: 'authorization',
    anchor: '\\b(?:Bearer|ApiKey)[ \\t]{1,4}',
    before: '',
    rest: '(?<secret>[A-Za-z0-9._~+/-]{16,}={0,2})',
    ignoreCase: true,
    accept: acceptRandom,
  },
  {
    kind: 'authorization',
    anchor: 'authorization\\\\?["\'`]?[ \\t]{0,4}[:=][ \\t]{0,4}\\\\?["\'`]?(?:Bearer|Basic|Token|ApiKey)[ \\t]{1,4}',
    before: '',
    rest: '(?<secret>[A-Za-z0-9._~+/-]{8,}={0,2})',
    ignoreCase: true,
    accept: (secret) =>
      !isPlaceholder(secret) && (/\d/.test(secret) || secret.endsWith('=') || /[a-z][A-Z]/.test(secret)),
  },
  {
    // In a line of an environment file everything after `=` is the value.
    kind: 'password',
    anchor: '(?:PASSWORD|PASSWD|PASSPHRASE|SECRET)=["\']?',
    before: '',
    rest: '(?<secret>[^\\s"\'`]{6,512})',
    accept: (secret) => !isPlaceholder(secret) && !/^[<${%[]/.test(secret) && !/^\d+[a-z]{0,2}$/.test(secret),
  },
  {
    kind: 'password',
    anchor: `(?:${PASSWORD_NAMES})${SEPARATOR}`,
    before: '',
    rest: '(?<secret>(?<=["\'`])[^\\s"\'`\\\\]{6,512}(?=\\\\?["\'`])|[^\\s"\'`<>(){};,\\\\]{6,512})',
    ignoreCase: true,
    accept: acceptPassword,
  },
  {
    kind: 'npm-token',
    anchor: '_(?:authToken|password|auth)[ \\t]{0,2}=[ \\t]{0,2}"?',
    before: '',
    rest: '(?<secret>[^\\s"$]{8,512})',
    accept: (secret) => !isPlaceholder(secret) && looksChosen(secret),
  },
  {
    kind: 'secret-value',
    anchor: `(?:secret|token|credential|${KEY_NAMES})(?:_?base|_?value)?${SEPARATOR}`,
    before: '',
    rest: '(?<secret>[^\\s"\'`<>()[\\]{};,&\\\\]{16,512})',
    ignoreCase: true,
    accept: acceptRandom,
  },
  {
    kind: 'password',
    anchor: '--(?:password|passwd|token|api-key|secret)[= ]["\']?',
    before: '',
    rest: '(?<secret>[^\\s"\'`<>(){};,\\\\-][^\\s"\'`<>(){};,\\\\]{5,512})',
    accept: (secret) => !isPlaceholder(secret) && looksChosen(secret),
  },
  {
    kind: 'basic-auth',
    anchor: '(?:-u|--user)[= ]["\']?[\\w.@-]{1,64}:',
    before: '(?<![\\w-])',
    rest: '(?<secret>[^\\s"\'`<>:]{6,256})',
    accept: (secret) => !isPlaceholder(secret) && looksChosen(secret),
  },
];
