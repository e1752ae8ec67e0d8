import { acceptAfterBlank, acceptPassword, acceptSecret } from './accept-assigned.js';
import { isFiller, isPath, isPlaceholder, looksRandom, looksStrong } from './classify-value.js';
import { NAME_SUFFIX, PASSWORD_NAMES, SECRET_NAMES } from './credential-names.js';
import type { RuleMatch, SecretRule } from './secret-types.js';

const Q = '"\'`“”„«»‘’「」';
/** A type between a name and its value: `password: string = "…"`. */
const TYPE = "[?!]?:[ \\t]?(?:&?'?[a-z]{0,8} ?)?(?:string|str|text|varchar|secretstr|any)(?:\\[\\])?[ \\t]{0,4}=";
/** After a name: its closing quote or bracket if it has one, the sign of assignment, marks of a typed or raw string. */
const SEPARATOR = `\\\\?[${Q}]?\\]?[ \\t]{0,40}(?:=>|:=|:-|\\?\\?=|\\|\\|=|\\?=|->|${TYPE}|={1,3}|:(?!:)|：|＝|\\|(?![|=]))[ \\t]{0,40}(?:!!\\w{3,6}[ \\t]|(?:@|[bBrRuUfFNL]{1,2})(?=["']))?\\\\?[${Q}]?`;
/** After an opening quote all up to the closing one, else up to a sign that ends a value. */
const QUOTED = `(?<=[${Q}])[^${Q}\\r\\n]{1,512}?(?=\\\\?[${Q}])`;
const VALUE = `(?<secret>${QUOTED}|[^\\s${Q}<>(){};,\\\\]{6,512})`;
const RANDOM_VALUE = `(?<secret>${QUOTED}|[^\\s${Q}<>()[\\]{};,&\\\\]{10,512})`;

/** Where a quoted value follows a name without a sign of assignment. */
const QUOTED_FORMS: readonly string[] = [
  // define('DB_PASSWORD', '…'), setenv("API_KEY", "…"): the name is the first argument, not one of a list
  `["'\`][ \\t]{0,4},[ \\t]{0,4}["'\`](?<=\\([ \\t]{0,2}["'\`][\\w.-]{1,64}["'\`][ \\t]{0,4},[ \\t]{0,4}["'\`])`,
  // setPassword("…"), .token('…')
  '\\([ \\t]{0,2}["\'`]',
  // <add key="ApiKey" value="…"/>
  `["']\\s{1,8}(?:[\\w:.-]{1,30}=["'][^"'\\n]{0,60}["']\\s{1,8}){0,2}(?:value|content)\\s?=\\s?["']`,
  // - name: DB_PASSWORD, value: … on the next line; the same in JSON
  `\\\\?["']?[ \\t]{0,4}[:,]?\\s{0,60}-?[ {]{0,3}\\s{0,20}\\\\?["']?(?:parameter|default)?[_-]?value\\\\?["']?[ \\t]{0,4}[:=][ \\t]{0,4}\\\\?["']?(?=[^\\s"'$<{])`,
  // What is taken where a variable is empty: env.API_KEY || '…', token = x ? x : "…"
  `["']?[\\])]{0,2}(?:[ \\t]{0,4}[=:][ \\t]{0,4}[^"'\`\\n;,]{1,80}?)?[ \\t]{1,4}(?:\\|\\||\\?\\?|or|:)[ \\t]{1,4}["'\`]`,
  // variable "db_password" { default = "…" }
  `["']\\s?\\{[^{}]{0,200}?default\\s{0,20}=\\s{0,20}["']`,
];
// A type or a qualifier between a name and its value: `Dim key As String = "…"`, `key <const> = "…"`
const TYPED = '[?!]?[: \\t][\\w<>.&?*[\\] ]{1,30}=[ \\t]{0,4}["\'`]';
const FORM = `(?:${QUOTED_FORMS.join('|')}|${TYPED})`;
const MARKUP =
  '(?:["\']?(?:\\s[^<>\\n]{0,80})?>|</(?:key|name)>\\s{0,40}<(?:string|value)(?:\\s[^<>]{0,40})?>)\\s{0,40}(?:<value>|<!\\[CDATA\\[)?';
const PASSWORDS = `(?:${PASSWORD_NAMES})${NAME_SUFFIX}`;
const SECRETS = `(?:${SECRET_NAMES})${NAME_SUFFIX}`;

/** A text between quotes or tags is taken as quoted. */
const acceptMarked =
  (accept: (match: RuleMatch) => boolean) =>
  (match: RuleMatch): boolean =>
    accept({ ...match, isMarked: true });

const inMarkup = (match: RuleMatch): boolean =>
  match.text[match.from - 1] !== ' ' && acceptMarked(acceptPassword)(match);

/** What may end a name in an environment file; `_FILE`, `_NAME` and others say that no secret follows. */
const LINE_SUFFIX =
  '(?:_(?:BASE|VALUE|PROD|PRODUCTION|DEV|TEST|STAGING|LIVE|OLD|NEW|MAIN|PRIMARY|SECONDARY|\\d{1,2}))?';

/** The value of a line of an environment file: anything but a placeholder, a path, an address, a number. */
const acceptLine = ({ secret }: RuleMatch): boolean =>
  !isPlaceholder(secret) && !/^[<${%[(/]/.test(secret) && !/^\d+[a-z]{0,2}$/.test(secret) && !secret.includes('://');

/** Values known by the name that they are given, in the syntaxes of languages, shells and configurations. */
export const ASSIGNED_SECRETS: readonly SecretRule[] = [
  {
    kind: 'npm-token',
    anchor: '_(?:authToken|password|auth)[ \\t]{0,2}=[ \\t]{0,2}"?',
    before: '',
    rest: '(?<secret>[^\\s"$]{8,512})',
    accept: ({ secret }) => !isPlaceholder(secret) && (looksRandom(secret) || /[\d=+!]/.test(secret)),
  },
  {
    kind: 'aws-secret-key',
    anchor: `(?:secret_?access_?key|aws_?secret(?:_?key)?)\\\\?["'\`]?\\]?\\s{0,40}(?:=>|[:=])`,
    before: '',
    rest: '\\s{0,40}\\\\?["\'`]?(?<secret>[A-Za-z0-9/+=]{40})(?![A-Za-z0-9/+=])',
    ignoreCase: true,
    accept: ({ secret }) => !isFiller(secret),
  },
  {
    // The pair in a CSV file, a table or two lines: the id, then the secret.
    kind: 'aws-secret-key',
    anchor: '(?:AKIA|ASIA)[A-Z0-9]{16}["\']?[\\s,;|:/]{1,12}["\']?(?=[A-Za-z0-9/+]{40})',
    rest: '(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])',
    accept: ({ secret }) => !isFiller(secret) && looksRandom(secret),
  },
  {
    // In a line of an environment file everything after `=` is the value.
    kind: 'password',
    anchor: `(?:PASSWORD|PASSWD|PASSPHRASE|(?<=_)(?:PASS|PWD|PW)|PSK)${LINE_SUFFIX}=["']?`,
    before: '',
    rest: '(?<secret>[^\\s"\'`]{6,512})',
    accept: acceptLine,
  },
  {
    kind: 'secret-value',
    anchor: `SECRET${LINE_SUFFIX}=["']?`,
    before: '',
    rest: '(?<secret>[^\\s"\'`]{6,512})',
    accept: acceptLine,
  },
  {
    // Any maker's key in an environment file: the name is in capitals, its value can only be made by a machine.
    kind: 'secret-value',
    anchor: '_(?:KEY|PAT|AUTH|CREDENTIALS?|DSN|SALT|SEED|COOKIE)(?:_[A-Z0-9]{1,10})?=["\']?(?=[^\\s"\']{16})',
    before: '(?<=[A-Z0-9])',
    rest: '(?<secret>[^\\s"\'`&]{16,512})',
    accept: (match) =>
      acceptSecret(match) &&
      !/(?:PUBLIC|SITE|CACHE|IDEMPOTENCY|PRIMARY|SORT|OBJECT|ROUTING)_KEY/.test(
        match.text.slice(match.from, match.start),
      ),
  },
  {
    kind: 'password',
    stem: PASSWORDS,
    anchor: SEPARATOR,
    before: '',
    rest: VALUE,
    ignoreCase: true,
    accept: acceptPassword,
  },
  {
    kind: 'secret-value',
    stem: SECRETS,
    anchor: SEPARATOR,
    before: '',
    rest: RANDOM_VALUE,
    ignoreCase: true,
    accept: acceptSecret,
  },
  {
    kind: 'password',
    stem: PASSWORDS,
    anchor: FORM,
    before: '',
    rest: '(?<secret>[^"\'`\\r\\n]{6,512})',
    ignoreCase: true,
    accept: acceptMarked(acceptPassword),
  },
  {
    kind: 'secret-value',
    stem: SECRETS,
    anchor: FORM,
    before: '',
    rest: '(?<secret>[^"\'`\\r\\n]{10,512})',
    ignoreCase: true,
    accept: acceptMarked(acceptSecret),
  },
  {
    kind: 'password',
    stem: PASSWORDS,
    anchor: MARKUP,
    before: '',
    rest: '(?<secret>[^<>\\s]{6,512})(?=\\s{0,40}(?:</|\\]\\]>))',
    ignoreCase: true,
    accept: inMarkup,
  },
  {
    kind: 'secret-value',
    stem: SECRETS,
    anchor: MARKUP,
    before: '',
    rest: '(?<secret>[^<>\\s]{10,512})(?=\\s{0,40}(?:</|\\]\\]>))',
    ignoreCase: true,
    accept: acceptMarked(acceptSecret),
  },
  {
    // ENV API_KEY …, setx TOKEN …, set -gx SECRET …: a name in capitals and a blank.
    kind: 'secret-value',
    anchor:
      '(?:\\bENV|\\bARG|\\bsetx|\\bset -\\w{1,3}|\\bsetenv|config set|secret set|\\w_param)[ \\t]{1,4}[\\w./:-]{0,48}(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASS|PWD|PAT|AUTH|_authToken|_password)[ \\t]{1,4}["\']?(?=[^\\s"\']{6})',
    before: '',
    rest: '(?<secret>[^\\s"\'`]{6,512})',
    accept: ({ secret }) => !isPlaceholder(secret) && !isPath(secret) && (looksRandom(secret) || looksStrong(secret)),
  },
  {
    // requirepass … of Redis, rootpw … of LDAP
    kind: 'password',
    anchor:
      '(?:requirepass|masterauth|bindpw|rootpw|user[ \\t]\\w{1,40}[ \\t](?:on[ \\t])?>)[ \\t]{0,4}["\']?(?=[^\\s"\']{6})',
    before: '',
    rest: '(?<secret>[^\\s"\'`]{6,512})',
    accept: ({ secret, text, from }) =>
      !isPlaceholder(secret) &&
      (/(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, from - 20), from)) || looksRandom(secret) || looksStrong(secret)),
  },
  {
    // SQL: IDENTIFIED BY '…', PASSWORD '…'
    kind: 'password',
    anchor:
      "(?:identified[ \\t]+(?:with[ \\t]+\\w+[ \\t]+)?(?:by|as)(?:[ \\t]+password)?|password)[ \\t]{1,4}(?:=[ \\t]?)?[NE]?'",
    before: '(?<![\\w-])',
    rest: "(?<secret>[^'\\r\\n]{4,512})(?=')",
    ignoreCase: true,
    accept: acceptMarked(acceptPassword),
  },
  {
    // #define API_TOKEN "…", (def api-key "…"), api-token …
    kind: 'secret-value',
    stem: SECRETS,
    anchor: '[ \\t]{1,8}["\'`]?(?=[^\\s"\'`]{20})(?=[^\\s"\'`]{0,64}\\d)',
    before: '',
    rest: '(?<secret>[^\\s"\'`<>()[\\]{};,&\\\\]{20,512})',
    ignoreCase: true,
    accept: acceptAfterBlank,
  },
];
