/**
 * Secrets made up on the spot, of every kind that is redacted. Nothing here is a secret or looks like one in the file:
 * each is composed of a prefix and random characters at run time.
 */
export interface Canary {
  kind: string;
  /** The characters that must not survive. */
  secret: string;
  /** A text that holds the secret as it appears in the wild. */
  text: string;
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const ALNUM = LOWER + UPPER + DIGITS;
const HEX = `${DIGITS}abcdef`;
const URL_SAFE = `${ALNUM}_-`;
const BASE64 = `${ALNUM}+/`;

/** A small seeded generator (mulberry32), so that a failing canary can be made again. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function createCanaries(count: number, seed = 1): Canary[] {
  const random = createRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const chars = (alphabet: string, length: number) => Array.from({ length }, () => pick([...alphabet])).join('');
  const mixed = (alphabet: string, length: number) =>
    `${pick([...LOWER])}${chars(alphabet, length - 3)}${pick([...DIGITS])}${pick([...UPPER])}`;
  const prefixed = (kind: string, prefix: string, alphabet: string, length: number) => (): [string, string] => [
    kind,
    prefix + mixed(alphabet, length),
  ];
  const pem = (label: string, newline: string) => (): [string, string] => {
    const body = Array.from({ length: 12 }, () => chars(BASE64, 64)).join(newline);
    return ['private-key', `-----BEGIN ${label}-----${newline}MII${body}${newline}-----END ${label}-----`];
  };
  const jwt = () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: chars(DIGITS, 8), iat: 1 })}.${chars(URL_SAFE, 43)}`;
  };
  const bare: (() => [kind: string, secret: string])[] = [
    () => ['aws-access-key', `AK${'IA'}${chars(UPPER + DIGITS, 16)}`],
    () => ['aws-access-key', `AS${'IA'}${chars(UPPER + DIGITS, 16)}`],
    ...['p', 'o', 'u', 's', 'r'].map((letter) => prefixed('github-token', `gh${letter}_`, ALNUM, 36)),
    prefixed('github-token', `github${'_pat_'}`, `${ALNUM}_`, 82),
    prefixed('gitlab-token', `gl${'pat-'}`, URL_SAFE, 20),
    () => ['slack-token', `xo${'xb-'}${chars(DIGITS, 12)}-${chars(DIGITS, 12)}-${chars(ALNUM, 24)}`],
    () => ['slack-token', `xo${'xp-'}${chars(DIGITS, 12)}-${chars(DIGITS, 12)}-${chars(ALNUM, 32)}`],
    () => ['slack-token', `xa${'pp-1-'}A${chars(UPPER + DIGITS, 10)}-${chars(DIGITS, 13)}-${chars(HEX, 64)}`],
    prefixed('stripe-key', `sk_${'live_'}`, ALNUM, 24),
    prefixed('stripe-key', `rk_${'test_'}`, ALNUM, 99),
    prefixed('webhook-secret', `wh${'sec_'}`, ALNUM, 32),
    prefixed('npm-token', `np${'m_'}`, ALNUM, 36),
    prefixed('pypi-token', `pypi-${'AgEIcHlwaS5vcmc'}`, URL_SAFE, 100),
    prefixed('docker-token', `dckr_${'pat_'}`, URL_SAFE, 27),
    prefixed('anthropic-key', `sk-${'ant-'}api03-`, URL_SAFE, 95),
    prefixed('openai-key', `sk-${'proj-'}`, URL_SAFE, 120),
    () => ['openai-key', `sk-${chars(ALNUM, 20)}T3Blbk${'FJ'}${chars(ALNUM, 20)}`],
    prefixed('google-api-key', `AI${'za'}`, URL_SAFE, 35),
    prefixed('google-oauth', `GOC${'SPX-'}`, URL_SAFE, 28),
    prefixed('google-oauth', `ya${'29.'}`, URL_SAFE, 120),
    () => ['azure-secret', `${chars(ALNUM, 3)}8Q${'~'}${chars(`${ALNUM}_.-`, 33)}a`],
    () => ['sendgrid-key', `S${'G.'}${chars(URL_SAFE, 22)}.${chars(URL_SAFE, 43)}`],
    () => ['mailgun-key', `ke${'y-'}${chars(HEX, 32)}`],
    () => ['telegram-token', `${chars('123456789', 10)}:A${'A'}${chars(URL_SAFE, 33)}`],
    prefixed('huggingface-token', `h${'f_'}`, ALNUM, 34),
    prefixed('groq-key', `gs${'k_'}`, ALNUM, 52),
    () => ['databricks-token', `da${'pi'}${chars(HEX, 32)}`],
    () => ['digitalocean-token', `do${'p_v1_'}${chars(HEX, 64)}`],
    prefixed('linear-key', `lin_${'api_'}`, ALNUM, 40),
    () => ['shopify-key', `shp${'at_'}${chars(HEX, 32)}`],
    prefixed('vault-token', `hv${'s.'}`, URL_SAFE, 95),
    prefixed('supabase-key', `sb_${'secret_'}`, ALNUM, 31),
    () => ['age-key', `AGE-${'SECRET'}-KEY-1${chars(UPPER + DIGITS, 58)}`],
    () => ['jwt', jwt()],
    pem('RSA PRIVATE KEY', '\n'),
    pem('PRIVATE KEY', '\\n'),
    pem('OPENSSH PRIVATE KEY', '\r\n'),
    pem('EC PRIVATE KEY', '\n    '),
    pem('PGP PRIVATE KEY BLOCK', '\n'),
    pem('ENCRYPTED PRIVATE KEY', '\n'),
  ];
  const password = () => mixed(`${ALNUM}!#$%^*+~`, 14);
  const placed: (() => Canary)[] = [
    ...['postgres', 'postgresql', 'mysql', 'mongodb+srv', 'redis', 'rediss', 'amqps', 'https', 'sqlserver'].map(
      (scheme) => () => {
        const secret = mixed(`${ALNUM}!$*+~._-`, 14);
        return {
          kind: 'url-password',
          secret,
          text: `${scheme}://app:${secret}@db.internal:5432/prod?sslmode=require`,
        };
      },
    ),
    () => {
      const secret = mixed(ALNUM, 14);
      return { kind: 'url-password', secret, text: `REDIS_URL=redis://:${secret}@cache:6379/0` };
    },
    () => {
      const secret = mixed(ALNUM, 40);
      return { kind: 'url-token', secret, text: `git clone https://${secret}@git.internal/team/app.git` };
    },
    ...[`aws_secret_access_key = `, `"SecretAccessKey": "`, `AWS_SECRET_ACCESS_KEY='`].map((before) => () => {
      const secret = `${chars(BASE64, 37)}a1B`;
      return { kind: 'aws-secret-key', secret, text: `${before}${secret}${/["']$/.exec(before)?.[0] ?? ''}` };
    }),
    ...[
      'DB_PASSWORD=',
      'export PGPASSWORD=',
      'Server=db;User Id=sa;Password=',
      '"password": "',
      "passwd: '",
      'pwd=',
    ].map((before) => () => {
      const secret = before.endsWith('=') ? mixed(ALNUM, 14) : password();
      return { kind: 'password', secret, text: `${before}${secret}${/["']$/.exec(before)?.[0] ?? ''}` };
    }),
    ...['api_key: ', 'API_KEY=', 'const clientSecret = "', '"access_token": "', 'SECRET_KEY_BASE='].map(
      (before) => () => {
        const secret = mixed(before.includes('BASE') ? HEX : ALNUM, 40);
        return { kind: 'secret-value', secret, text: `${before}${secret}${before.endsWith('"') ? '"' : ''}` };
      },
    ),
    () => {
      const secret = mixed(URL_SAFE, 40);
      return { kind: 'authorization', secret, text: `curl -H "Authorization: Bearer ${secret}" https://api.internal` };
    },
    () => {
      const secret = Buffer.from(`admin:${chars(ALNUM, 12)}`).toString('base64');
      return { kind: 'authorization', secret, text: `Authorization: Basic ${secret}` };
    },
    () => {
      const secret = mixed(ALNUM, 12);
      return { kind: 'basic-auth', secret, text: `curl -u deploy:${secret} https://ci.internal/api` };
    },
    () => {
      const secret = `${chars(BASE64, 86)}==`;
      return { kind: 'azure-key', secret, text: `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${secret};` };
    },
    () => {
      const secret = mixed(ALNUM, 36);
      return { kind: 'npm-token', secret, text: `//npm.internal/:_authToken=${secret}` };
    },
    () => {
      const secret = `T${chars(UPPER, 8)}/B${chars(UPPER, 8)}/${chars(ALNUM, 24)}`;
      return { kind: 'slack-webhook', secret, text: `https://hooks.slack.com/services/${secret}` };
    },
  ];
  const sentences = [
    '%s',
    'The key is %s, keep it.',
    '```\nKEY=%s\n```',
    '{"token":"%s"}',
    '日本語：%s。',
    '- %s\n- next',
  ];
  const makers: (() => Canary)[] = [
    ...bare.map((make) => () => {
      const [kind, secret] = make();
      return { kind, secret, text: pick(sentences).replace('%s', () => secret) };
    }),
    ...placed,
  ];
  return Array.from({ length: count }, (_, i) => (makers[i % makers.length] as () => Canary)());
}
