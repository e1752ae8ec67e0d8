// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of shells and templates are the subject here.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/text/redact.js';
import { createCanaries, createRandom } from '../../support/inputs/canary-secrets.js';

const redactor = createRedactor();
const CANARIES = createCanaries(400);

/** Text of the kind that is stored all day, with nothing in it to hide. */
const NEGATIVES = [
  'Use JWT tokens with 15 minute expiry; refresh tokens live 7 days in an httpOnly cookie.',
  'The auth token is read from the Authorization header: Bearer <token>',
  'Set Authorization: Bearer ${TOKEN} or Bearer YOUR_TOKEN_HERE',
  'Authorization: Basic authentication is off.',
  'DATABASE_URL=postgres://user:password@localhost:5432/app',
  'DATABASE_URL=postgres://${DB_USER}:${DB_PASSWORD}@db/app',
  'postgres://<user>:<password>@<host>/<db>',
  'mysql://root:{{ password }}@db/x and mongodb://user:$PASSWORD@h/x',
  'http://localhost:8080/path?email=a@b.com and http://localhost:8080?email=a@b.com',
  'git@github.com:owner/repo.git and ssh://git@github.com:22/owner/repo.git',
  'docker://registry/app:1.2.3@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'commit 3f786850e387550fdab836ed7e6dc881de23001b fixes the login',
  'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'md5: d41d8cd98f00b204e9800998ecf8427e',
  'id 550e8400-e29b-41d4-a716-446655440000, token: 550e8400-e29b-41d4-a716-446655440000',
  'agent_k3v0q8x2m1t7b5ra holds lock_9d8f7a6s5d4f3g2h; token: insight_k3v0q8x2m1t7b5ra',
  'nanoid V1StGXR8_Z5jdHi6B-myT',
  'const token = await getToken(user, options2);',
  'const apiKey = process.env.OPENAI_API_KEY2;',
  'apiKey: config.services.openai2.apiKey,',
  'password: z.string().min(8).max(128)',
  'password: string; token: string | undefined; secret?: Buffer',
  'password = hash256(input)',
  'const password = form.password2.value;',
  'if (password === confirmPassword1) return;',
  'The password must be at least 8 characters, with a digit!',
  '"password": "password", "secret": "secret", "token": "token"',
  '"passwordHint": "forms.password2.required"',
  'password_hash is argon2id, never bcrypt2',
  'secret: use a vault, not env files',
  'token_budget: 1000, max_tokens=4096, tokenCount: 123456789012345678',
  'tokenizer: bert-base-uncased-l12-h768',
  'accessKey = accessKeys2024ForTests[0]',
  'sk-fading-circle and sk-cube-grid and sk-three-bounce (spinkit classes)',
  'ghp_ is the prefix of GitHub tokens, sk-ant- of Anthropic keys, xoxb- of Slack bots, AKIA of AWS keys',
  'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
  'npm_config_registry and npm_package_version and npm_lifecycle_event',
  'npm_config_user_agent_string_of_the_client_in_use',
  'OPENAI_API_KEY=sk-... ANTHROPIC_API_KEY=sk-ant-... ',
  'API_KEY=your-api-key-goes-here-1234',
  'API_KEY=<your key> SECRET=${SECRET} PASSWORD=%PASSWORD%',
  'PASSWORD=changeme POSTGRES_PASSWORD=postgres',
  '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----',
  '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----',
  '-----BEGIN CERTIFICATE-----\nMIIBkTCB+wIJAKHHCgVZU\n-----END CERTIFICATE-----',
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ3bm9ib2R5a25vd3N0aGlz me@host',
  'integrity sha512-oWWWjwzxfeKQEsoAJZnQwaYqGk1rWbyRVIbaBdgl0g1vVYB8sYYtV0vdh1Zz==',
  'eyJ is how a base64 JSON object starts',
  'docker run -u 1000:1000 -v /a:/b image; ps -u root:wheel',
  'docker run --user node:node app',
  'mocha --token-file ./tests/token2.txt --secret-name my-secret-2',
  'at Object.<anonymous> (/home/u/app/src/auth2/token.ts:12:34)',
  'https://example.com/a/b?c=d#e and https://user@example.com/x',
  'https://registry.npmjs.org/@scope/pkg/-/pkg-1.2.3.tgz',
  'arn:aws:iam::123456789012:role/Admin2',
  'AROAEXAMPLEROLEID1234 is a role id',
  'lib/auth.ts:42 exports createTokenStore2, see docs/tokens.md',
  'pk_live_ keys are public',
  'color: #ff00aa; background: url(data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk)',
  'secret = Symbol.for("popstash.secret2")',
  'SELECT token FROM sessions WHERE token = $1',
  'token: req.headers["x-token"]',
  'the key-value store, key-1234, key-abc',
  'Visa 4111 1111 1111 1111, phone +49 170 1234567, 2026-11-22T12:00:00.000Z',
  'v1.2.3-beta.4+build.5678 and 1.0.0-rc.1',
  'basic understanding-of-tokens2, bearer instruments-of-2024',
  'Grüße, 日本語, emoji 🎉 and Ελληνικά without any secrets: 100 %',
  'secretlint-disable-next-line is a comment',
  'auth: { type: "oauth2", token: "access_token" }',
  'credential: { kind: "managed-identity-2", clientId: "app" }',
  'kubectl get secret my-secret-2 -o yaml; secret: my-app-secret-v2-production',
  'passphrase: correct horse battery staple',
  'api-key: X-Api-Key header, see section 4.2',
  'hf_hub_download and hf_transfer speed things up',
  'dapi is short for data api',
  'r8_convert, gsk_, pplx-70b-online, xai-org/grok-1',
  'AIza is the prefix of Google keys; ya29. of OAuth ones',
  'SG.1 and SG.2 are security groups, sg-0a1b2c3d4e5f',
  'sig=abc and ?sig=${sig}',
  'MIT License; Copyright (c) 2024; AGE-SECRET-KEY-1 is a prefix',
  'session_id=abc123 user_id=42 trace_id=4bf92f3577b34da6a3ce929d0e0e4736',
  'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  'ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"',
  'etag W/"0815", x-request-id: 7f3c1a2b9d4e',
  'hv.sys, hvs and hvb are prefixes',
];

describe('redact', () => {
  it.each(CANARIES.map((canary, i) => [`${canary.kind} ${i}`, canary] as const))('takes out %s', async (_, canary) => {
    const result = await redactor.redact(canary.text);
    expect(result.text).not.toContain(canary.secret);
    // No long part of it survives either.
    for (let at = 0; at + 8 <= canary.secret.length; at += 4) {
      const part = canary.secret.slice(at, at + 8);
      if (!/^(?:-|[A-Z ]*(?:BEGIN|END|PRIVATE|KEY))/.test(part)) expect(result.text).not.toContain(part);
    }
    expect(result.redacted).toContain(canary.kind);
    expect(result.text).toContain(`[redacted:${canary.kind}]`);
  });

  it('covers at least 35 kinds', () => {
    expect(new Set(CANARIES.map((canary) => canary.kind)).size).toBeGreaterThanOrEqual(35);
  });

  it.each(NEGATIVES)('leaves alone: %s', async (text) => {
    expect(await redactor.redact(text)).toEqual({ text, redacted: [] });
    expect(await redactor.redactFully(text)).toEqual({ text, redacted: [] });
  });

  it('leaves hashes, UUIDs and ids alone wherever they stand', async () => {
    const random = createRandom(7);
    const hex = (n: number) => Array.from({ length: n }, () => Math.floor(random() * 16).toString(16)).join('');
    const base36 = (n: number) => Array.from({ length: n }, () => Math.floor(random() * 36).toString(36)).join('');
    for (let i = 0; i < 100; i += 1) {
      const uuid = [8, 4, 4, 4, 12].map(hex).join('-');
      const text = `At ${hex(40)} (${hex(7)}): stash_${base36(16)}, ${uuid}, sha256:${hex(64)}, ${hex(32)}, ${base36(21)}.`;
      expect(await redactor.redact(text)).toEqual({ text, redacted: [] });
    }
  });

  it('keeps what is around a secret, and names each kind once', async () => {
    const password = `pa${'ss'}W0rd-${'x1'.repeat(4)}`;
    const key = `gh${'p_'}${'a1B2'.repeat(9)}`;
    const result = await redactor.redact(`db: postgres://app:${password}@db/prod\nkeys: ${key} and ${key}!`);
    expect(result).toEqual({
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
      expect(await redactor.redact(once.text)).toEqual({ text: once.text, redacted: [] });
      expect(await redactor.redactFully(once.text)).toEqual({ text: once.text, redacted: [] });
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
    ['eyJ', 'eyJ'.repeat(87_000)],
    ['dotted eyJ', 'eyJaaaaaaaaaaaa.'.repeat(16_000)],
    ['://', '://'.repeat(87_000)],
    ['credentials without a host', 'http://ab:cd'.repeat(21_000)],
    ['a long word', `http://${'a'.repeat(260_000)}`],
    ['begin markers', `-----BEGIN ${'PRIVATE'} KEY-----\n`.repeat(9_000)],
    ['PuTTY headers', `PuTTY-User-Key-File-${'2'}\n`.repeat(11_000)],
    ['names without values', 'password='.repeat(29_000)],
    ['names and quotes', `token: "${'\\"'.repeat(128_000)}`],
    ['SendGrid parts', `SG.a.${'b'.repeat(255)}!`.repeat(990)],
    ['near tokens', `gh${'p_'}abc `.repeat(32_000)],
    ['one long token', `gh${'p_'}${'a1'.repeat(130_000)}`],
    ['bearers', 'Bearer a '.repeat(29_000)],
    ['discord shapes', `${'M'.repeat(28)}.abcdef.`.repeat(7_000)],
    ['spaces', `password${' '.repeat(260_000)}=`],
  ])('ends soon on 256 KB of %s', async (_, text) => {
    // Anything but linear time would take minutes here.
    expect(text.length).toBeGreaterThan(200_000);
    expect((await redactor.redact(text)).text.length).toBeGreaterThan(0);
  });

  it('gives back every other text as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        fc.pre(!redactor.mayHoldSecret(text));
        expect(await redactor.redact(text)).toEqual({ text, redacted: [] });
      }),
    );
  });
});
