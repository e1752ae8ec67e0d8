import {
  isOwnId,
  isPath,
  isPlaceholder,
  isUuid,
  looksChosen,
  looksNamed,
  looksRandom,
  looksStrong,
} from './classify-value.js';
import { isHarmlessName, isInReference, readNameBefore } from './credential-names.js';
import type { RuleMatch } from './secret-types.js';

const QUOTES = '"\'`“”„«»‘’「」';
const MIN_PASSWORD = 6;
/** Characters on each side of a value in which a configuration names its user, host or kind. */
const COMPANION_CHARS = 240;
const COMPANION =
  /(?:^|[\s{,"'<;.])(?:user(?:[_-]?name)?|login|host(?:name)?|database|dbname|port|repository|server|e-?mail|account|kind)["']?\s{0,8}(?:[:=]|=>|>)/i;

const isQuoted = ({ text, start, isMarked }: RuleMatch): boolean =>
  isMarked === true || QUOTES.includes(text[start - 1] ?? ' ');

/** `password = hash2(x)` and `keys2[0]` are code: the character after the value tells. */
const isCode = (match: RuleMatch): boolean => {
  const { secret, text, start } = match;
  return /[([]/.test(text[start + secret.length] ?? '') || (!isQuoted(match) && /^[A-Za-z_][\w.]*[([]/.test(secret));
};

/** In a URL's query the rule for queries knows where the value ends. */
const isInQuery = ({ text, from, secret }: RuleMatch): boolean => {
  const name = readNameBefore(text, from);
  return secret.includes('&') && /[?&]/.test(text[from - name.length - 1] ?? '');
};

/** Whether a configuration stands around the value: then a plain word after `password:` is one. */
function hasCompanion({ text, start, secret }: RuleMatch): boolean {
  const end = start + secret.length;
  return (
    COMPANION.test(text.slice(Math.max(0, start - COMPANION_CHARS), start)) ||
    COMPANION.test(text.slice(end, end + COMPANION_CHARS))
  );
}

/** `user.password2`, `forms:password2` name something; so do file names. */
const isDotted = (value: string): boolean => /^\w{1,40}(?:[.:][A-Za-z_]\w*)+$/.test(value) && looksNamed(value);

/** A sentence or a phrase of words: what users are told about passwords, not one. */
function isPhrase(value: string): boolean {
  if (!/\s/.test(value)) return false;
  const signs = value.match(/[^\p{L}\p{N}\s.,'!?()-]/gu)?.length ?? 0;
  return value.length < 20 || signs < 4;
}

/** The value of a name such as `password`. */
export function acceptPassword(match: RuleMatch): boolean {
  const { secret, text, start } = match;
  if (secret.length < MIN_PASSWORD || isPlaceholder(secret) || isPath(secret) || isPhrase(secret)) return false;
  if (isInReference(text, match.from) || isInQuery(match)) return false;
  if (!looksChosen(secret) && !looksRandom(secret)) return false;
  if (isDotted(secret) || /^https?:\/\//i.test(secret)) return false;
  if (isQuoted(match)) return true;
  // `password=hunter2` is a value; `password: hash2` may be code, unless the value is no likely name.
  if (isCode(match)) return false;
  return (
    text[start - 1] === '=' ||
    looksRandom(secret) ||
    /[!@#$%^&*?~§£€]/.test(secret) ||
    looksStrong(secret) ||
    hasCompanion(match)
  );
}

/** Names under which an id is a secret: of many makers it is the key. */
const STRONG_NAME =
  /(?:api|secret|access|subscription|license|ingest\w*|account|auth)[ _-]?key$|(?:client|api|app|shared)[ _-]?secret$|(?:access|auth|api|refresh|bearer|bot)[ _-]?token$|credentials?$/i;

/** The value of a name such as `api_key` or `token`. */
export function acceptSecret(match: RuleMatch): boolean {
  const { secret, text, start, from } = match;
  if (isPlaceholder(secret) || isOwnId(secret) || isCode(match) || isPhrase(secret)) return false;
  if (isHarmlessName(text, from) || isInReference(text, from) || isInQuery(match)) return false;
  if (isUuid(secret)) return STRONG_NAME.test(nameOf(match));
  if (looksRandom(secret)) return true;
  return (isQuoted(match) || text[start - 1] === '=') && !isDotted(secret) && !isPath(secret) && looksStrong(secret);
}

/** The name before the value, with what stands before it in the same word. */
function nameOf({ text, from, start }: RuleMatch): string {
  const matched = /^[\p{L}\p{N} _-]*/u.exec(text.slice(from, start))?.[0] ?? '';
  return (readNameBefore(text, from) + matched).trim().replace(/[_-]?(?:value|base|\d{1,2}|prod|dev|test|live)$/i, '');
}

/** A value after a flag or a sentence's verb, where no code can stand. */
export function acceptGiven({ secret }: RuleMatch): boolean {
  return (
    secret.length >= 4 &&
    !isPlaceholder(secret) &&
    !isPath(secret) &&
    !/^[\w-]+=/.test(secret) &&
    looksChosen(secret) &&
    !isDotted(secret) &&
    !/^[A-Za-z_][\w.]*[([]/.test(secret)
  );
}

/** A word of a sentence: no name of several parts, no file, no address. */
export function acceptSaid(match: RuleMatch): boolean {
  const { secret } = match;
  if (!acceptGiven(match) || secret.length < MIN_PASSWORD || /^https?:/i.test(secret)) return false;
  return isQuoted(match) || !(looksNamed(secret) && /[-_./:]/.test(secret));
}

/** A credential that a machine made, wherever it is said. */
export function acceptSaidSecret(match: RuleMatch): boolean {
  return !isPlaceholder(match.secret) && !isUuid(match.secret) && !isOwnId(match.secret) && looksRandom(match.secret);
}

/** The value after a name and a blank, as in `#define API_TOKEN "…"`: a digest or an id may be what a sentence names. */
export function acceptAfterBlank(match: RuleMatch): boolean {
  const { secret, text, from } = match;
  if (secret.length < 20 || isHarmlessName(text, from) || isInReference(text, from)) return false;
  // In capitals the name is one of a variable.
  const isVariable = /^[A-Z0-9]+(?:_[A-Z0-9]+)+$/.test(nameOf(match));
  return acceptSaidSecret(match) && (isVariable || !isDigest(secret)) && !isDotted(secret);
}

/** What may be a password because a pair of user and password stands there: by its signs or its classes. */
export function acceptPaired(match: RuleMatch): boolean {
  const { secret } = match;
  return (
    acceptGiven(match) &&
    (looksStrong(secret) || looksRandom(secret) || (/[!#$%^&*~?]/.test(secret) && /\d/.test(secret)))
  );
}

/** A hexadecimal digest of a common length. */
export function isDigest(value: string): boolean {
  return /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/i.test(value);
}

/** True for base 64 of `user:password` in printable characters. */
export function isEncodedPair(secret: string): boolean {
  const decoded = Buffer.from(secret, 'base64').toString('latin1');
  return (
    /^[\x20-\x7e]{1,200}:[\x20-\x7e]{3,2000}$/.test(decoded) && !/^(?:user(?:name)?:pass(?:word)?)$/i.test(decoded)
  );
}

/** A password that is its user's name, perhaps with digits, is a default that everyone knows. */
export function isUsersOwnName(user: string, password: string): boolean {
  return password.toLowerCase().replace(/\d{0,4}!?$/, '') === user.toLowerCase().replace(/\d{0,4}$/, '');
}
