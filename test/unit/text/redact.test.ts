import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/text/redact.js';
import { CANARY_FAMILIES, countForms, createCanaries, createRandom } from '../../support/inputs/canary-secrets.js';
import { LOOK_ALIKE_FAMILIES } from '../../support/secrets/look-alikes.js';
import { ALNUM, createRandomText } from '../../support/secrets/random-text.js';

const redactor = createRedactor();

const KNOWN_FORMS = CANARY_FAMILIES.filter(({ holdOut }) => !holdOut);
const CANARIES = createCanaries(2 * countForms(KNOWN_FORMS));
const random = createRandomText(createRandom(11));
const NEGATIVES = LOOK_ALIKE_FAMILIES.filter(({ holdOut }) => !holdOut).flatMap(({ makers }) =>
  makers.map((make) => make(random)),
);

describe('redact', () => {
  it.each(CANARIES.map((canary, i) => [`${canary.kind} ${i}`, canary] as const))('takes out %s', async (_, canary) => {
    const result = await redactor.redact(canary.text);
    expect(result.text).not.toContain(canary.secret);
    // No long part of it survives either.
    for (let at = 0; at + 8 <= canary.secret.length; at += 4) {
      const part = canary.secret.slice(at, at + 8);
      if (!/^(?:-|[A-Z ]*(?:BEGIN|END|PRIVATE|KEY))/.test(part) && !canary.kind.includes(part))
        expect(result.text).not.toContain(part);
    }
    expect(result.redacted).toContain(canary.kind);
    expect(result.text).toContain(`[redacted:${canary.kind}]`);
  });

  it('is tried on 200 forms of secrets and 200 of look-alikes, besides those held out', () => {
    expect(countForms(KNOWN_FORMS)).toBeGreaterThanOrEqual(200);
    expect(NEGATIVES.length).toBeGreaterThanOrEqual(200);
    expect(new Set(CANARIES.map((canary) => canary.kind)).size).toBeGreaterThanOrEqual(60);
  });

  it.each([
    'callback token: https://x.internal/cb?token=%s',
    'password: string = "%s"',
    'token: see https://x.internal/a?b=c&access_token=%s',
    'password=<set below>; password=%s',
    'api_key: your-key, api_key: %s',
    'redis-cli -p 6379 -a %s ping',
    'Bearer <token>, Bearer %s',
  ])('finds the secret behind a match that is none: %s', async (text) => {
    const secret = random.mixed(ALNUM, 40);
    const result = await redactor.redact(text.replace('%s', secret));
    expect(result.text).not.toContain(secret.slice(0, 12));
    expect(result.redacted).toHaveLength(1);
  });

  it('says of what kind each secret was, and on which line', async () => {
    const [key, token] = [`gh${'p_'}${random.mixed(ALNUM, 36)}`, random.mixed(ALNUM, 40)];
    const { taken } = await redactor.redact(`one\ntwo ${key}\n\nAuthorization: Bearer ${token}`);
    expect(taken).toEqual([
      { kind: 'github-token', line: 2 },
      { kind: 'authorization', line: 4 },
    ]);
  });

  it.each(NEGATIVES)('leaves alone: %s', async (text) => {
    expect(await redactor.redact(text)).toMatchObject({ text, redacted: [] });
    expect(await redactor.redactFully(text)).toMatchObject({ text, redacted: [] });
  });

  it('leaves hashes, UUIDs and ids alone wherever they stand', async () => {
    const random = createRandom(7);
    const hex = (n: number) => Array.from({ length: n }, () => Math.floor(random() * 16).toString(16)).join('');
    const base36 = (n: number) => Array.from({ length: n }, () => Math.floor(random() * 36).toString(36)).join('');
    for (let i = 0; i < 100; i += 1) {
      const uuid = [8, 4, 4, 4, 12].map(hex).join('-');
      const text = `At ${hex(40)} (${hex(7)}): stash_${base36(16)}, ${uuid}, sha256:${hex(64)}, ${hex(32)}, ${base36(21)}.`;
      expect(await redactor.redact(text)).toMatchObject({ text, redacted: [] });
    }
  });

  it('keeps what is around a secret, and names each kind once', async () => {
    const password = `pa${'ss'}W0rd-${'x1'.repeat(4)}`;
    const key = `gh${'p_'}${'a1B2'.repeat(9)}`;
    const result = await redactor.redact(`db: postgres://app:${password}@db/prod\nkeys: ${key} and ${key}!`);
    expect(result).toMatchObject({
      text: 'db: postgres://app:[redacted:url-password]@db/prod\nkeys: [redacted:github-token] and [redacted:github-token]!',
      redacted: ['url-password', 'github-token'],
    });
  });

  it('is not switched off by a comment in the text', async () => {
    const key = `np${'m_'}${'a1B2'.repeat(9)}`;
    const result = await redactor.redactFully(`// secretlint-disable\n${key}`);
    expect(result.text).toBe('// secretlint-disable\n[redacted:npm-token]');
  });

  it('takes a private key that was cut off', async () => {
    const body = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'.repeat(4);
    const begin = `-----BEGIN RSA ${'PRIVATE'} KEY-----`;
    expect((await redactor.redact(`${begin}\n${body}\n${body}`)).text).toBe('[redacted:private-key]');
  });

  it('is idempotent', async () => {
    for (const canary of CANARIES) {
      const once = await redactor.redact(canary.text);
      expect(await redactor.redact(once.text)).toMatchObject({ text: once.text, redacted: [] });
      expect(await redactor.redactFully(once.text)).toMatchObject({ text: once.text, redacted: [] });
    }
  });

  it('never misses by its quick scan what the full run finds', async () => {
    const pieces = fc.oneof(
      fc.constantFrom(...CANARIES.map((canary) => canary.text)),
      fc.constantFrom(...CANARIES.map((canary) => canary.secret)),
      fc.constantFrom(...NEGATIVES),
      fc.string(),
      fc.string({ unit: 'grapheme' }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(pieces, { maxLength: 4 }),
        fc.constantFrom('', ' ', '\n', ':', '_'),
        async (parts, glue) => {
          const text = parts.join(glue);
          const full = await redactor.redactFully(text);
          expect(await redactor.redact(text)).toEqual(full);
          if (full.redacted.length > 0) expect(redactor.mayHoldSecret(text)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    'JWT refresh rotation lives in lib/auth.ts; tokens expire after 15 minutes and passwords are argon2id.',
    'export async function login(user: User, options: Options): Promise<Session> { return open(user); }',
    'See https://example.com/docs/a?b=c and postgres://localhost:5432/app, mail a@b.com.',
    'commit 3f786850e387550fdab836ed7e6dc881de23001b: use the secret manager for API keys',
  ])('takes the shortcut for %s', (text) => {
    expect(redactor.mayHoldSecret(text)).toBe(false);
  });

  it.each([
    'eyJ',
    'eyJaaaaaaaaaaaa.',
    '://',
    'http://ab:cd',
    'a',
    `-----BEGIN ${'PRIVATE'} KEY-----\n`,
    `PuTTY-User-Key-File-${'2'}\n`,
    'password=',
    'token: ',
    'token: "\\"\\"',
    'api_key=your-key-here ',
    `SG.a.${'b'.repeat(255)}!`,
    `gh${'p_'}abc `,
    `gh${'p_'}xxxxxx`,
    'a1',
    'Bearer a ',
    `${'M'.repeat(28)}.abcdef.`,
    'password ',
    'the password for ',
    'the token is ',
    'cookie: a=',
    'x=12345678;',
    'a:5432:b:c:',
    'mysql -p',
    ' -p x',
    'curl -u a:',
    '?token=',
    'user x password ',
    '<password ',
    'name: TOKEN\nvalue: ',
    '"kty" "d":"aaaaaaaaaaaaaaaaaaaaaaaa"',
    'sk-live_',
    'ab_Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1',
    'LS0tLS1CRUdJTi',
    'variable "token" { ',
    'mnemonic ',
    'пароль ',
    '[redacted:password]',
  ])('takes time in proportion to 1 MB of %j', { timeout: 60_000 }, async (piece) => {
    const measure = async (size: number) => {
      const text = piece.repeat(Math.ceil(size / piece.length));
      const started = performance.now();
      await redactor.redact(text);
      return performance.now() - started;
    };
    await measure(10_000);
    const [quarter, whole] = [await measure(250_000), await measure(1_000_000)];
    // Four times in theory; a square would be 16 times, and take minutes.
    expect(whole).toBeLessThan(Math.max(12 * quarter, 5_000));
    expect(whole).toBeLessThan(40_000);
  });

  it('gives back every other text as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        fc.pre(!redactor.mayHoldSecret(text));
        expect(await redactor.redact(text)).toMatchObject({ text, redacted: [] });
      }),
    );
  });
});
