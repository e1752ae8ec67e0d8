import { describe, expect, it } from 'vitest';
import type { HttpConfig } from '../../../src/config.js';
import { listen } from '../../../src/http/listen.js';
import { parseConfig } from '../../../src/parse-config.js';

const http = (env: Record<string, string>): HttpConfig => parseConfig({ POPSTASH_HTTP_PORT: '0', ...env }).http;
const app = { fetch: () => new Response('here') };

async function open(env: Record<string, string>): Promise<string> {
  try {
    const listener = await listen(app, http(env));
    await listener.close();
    return 'listens';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('where the server of a team listens', () => {
  it.each<[Record<string, string>, RegExp]>([
    [{}, /^listens$/],
    [{ POPSTASH_HTTP_HOST: 'localhost' }, /^listens$/],
    [{ POPSTASH_HTTP_HOST: '0.0.0.0' }, /there is no TLS/],
    [{ POPSTASH_HTTP_HOST: '0.0.0.0', POPSTASH_HTTP_BEHIND_PROXY: 'true' }, /by which name/],
    [
      { POPSTASH_HTTP_HOST: '0.0.0.0', POPSTASH_HTTP_BEHIND_PROXY: 'true', POPSTASH_HTTP_ALLOWED_HOSTS: 'a.example' },
      /^listens$/,
    ],
    [{ POPSTASH_HTTP_TLS_CERT: '/nowhere.pem' }, /POPSTASH_HTTP_TLS_KEY is not set/],
    [
      { POPSTASH_HTTP_TLS_CERT: '/nowhere.pem', POPSTASH_HTTP_TLS_KEY: '/nowhere.pem' },
      /POPSTASH_HTTP_TLS_CERT can't be read/,
    ],
  ])('%j', async (env, expected) => {
    expect(await open(env)).toMatch(expected);
  });

  it('refuses an identity provider without an audience', () => {
    expect(() => http({ POPSTASH_OIDC_ISSUER: 'https://login.example' })).toThrow(/POPSTASH_OIDC_AUDIENCE/);
  });
});
