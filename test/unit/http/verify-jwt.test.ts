import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJwtVerifier, type VerifyJwt } from '../../../src/http/access/verify-jwt.js';

let issuer: string;
let verify: VerifyJwt;
type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
let own: Key;
let foreign: Key;
const warned: unknown[] = [];
const provider = createServer(async (request, response) => {
  const isKeys = request.url === '/keys';
  response.end(JSON.stringify(isKeys ? { keys } : { issuer, jwks_uri: `${issuer}/keys` }));
});
let keys: object[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const pair = await generateKeyPair('ES256');
  own = pair.privateKey;
  foreign = (await generateKeyPair('ES256')).privateKey;
  keys = [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256' }];
  const logger = { warn: (...args: unknown[]) => void warned.push(args) } as never;
  verify = createJwtVerifier({ issuer, audience: 'popstash', nameClaim: undefined }, logger);
});
afterAll(() => provider.close());

interface Claims {
  aud?: string;
  iss?: string;
  sub?: string | null;
  exp?: string | number;
}

async function sign({ aud = 'popstash', iss = issuer, sub = 'u1', exp = '5m' }: Claims, key = own): Promise<string> {
  const token = new SignJWT({ preferred_username: 'anna' })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setAudience(aud)
    .setIssuer(iss)
    .setExpirationTime(exp);
  return await (sub === null ? token : token.setSubject(sub)).sign(key);
}

describe('a token of an identity provider', () => {
  it('stands for the person that it names', async () => {
    expect(await verify(await sign({}))).toEqual({ id: `oidc:${issuer}#u1`, person: 'anna' });
  });

  it.each<[string, () => Promise<string>]>([
    ['for another service', () => sign({ aud: 'other' })],
    ['of another issuer', () => sign({ iss: 'https://evil.example' })],
    ['that has expired', () => sign({ exp: Math.floor(Date.now() / 1_000) - 60 })],
    ['of nobody', () => sign({ sub: null })],
    ['signed by another key', () => sign({}, foreign)],
    ['signed by nobody', async () => `${btoa('{"alg":"none"}')}.${(await sign({})).split('.')[1]}.`],
    ['that is none', async () => 'abc'],
  ])('%s is refused', async (_name, make) => {
    expect(await verify(await make())).toBeNull();
  });

  it('is never repeated in the log', async () => {
    const token = await sign({ aud: 'other' });
    await verify(token);
    expect(JSON.stringify(warned)).not.toContain(token.split('.')[1]);
  });
});
