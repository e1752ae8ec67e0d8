import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import type { Member } from '../../actor/member.js';
import type { OidcConfig } from '../../config.js';
import type { Logger } from '../../logger.js';

/** Who a JSON Web Token of the identity provider stands for; null for one that is not valid here. */
export type VerifyJwt = (token: string) => Promise<Member | null>;

/** Signatures that need the provider's private key. None that a shared secret could make. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** Clocks of the provider and of this machine may differ by so much, in seconds. */
const CLOCK_SKEW_S = 30;
const DISCOVERY_TIMEOUT_MS = 5_000;
/** Claims that name a person, the best first. */
const NAME_CLAIMS = ['name', 'preferred_username', 'email', 'sub'];
const MAX_NAME = 100;

/**
 * Verifies access tokens as an OAuth 2.1 resource server: by the issuer's published keys, for this audience. The keys are read
 * when they are first needed, and again when a token names one that is not known.
 */
export function createJwtVerifier(
  { issuer, audience, nameClaim }: OidcConfig,
  logger: Pick<Logger, 'warn'>,
): VerifyJwt {
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;

  async function openKeys(): Promise<ReturnType<typeof createRemoteJWKSet>> {
    keys ??= findKeys(issuer).then((url) => createRemoteJWKSet(url));
    try {
      return await keys;
    } catch (error) {
      keys = undefined;
      throw error;
    }
  }

  return async (token) => {
    try {
      const options = {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_SKEW_S,
        requiredClaims: ['sub', 'exp'],
      };
      const { payload } = await jwtVerify(token, await openKeys(), options);
      return { id: `oidc:${issuer}#${payload.sub}`, person: namePerson(payload, nameClaim) };
    } catch (error) {
      logger.warn({ err: describe(error) }, 'a token of the identity provider was refused');
      return null;
    }
  };
}

/** The address of the issuer's keys, as it publishes it. */
async function findKeys(issuer: string): Promise<URL> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS), redirect: 'error' });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const { jwks_uri: keys, issuer: said } = (await response.json()) as { jwks_uri?: unknown; issuer?: unknown };
  if (said !== issuer || typeof keys !== 'string') throw new Error(`${url} does not describe the issuer ${issuer}`);
  return new URL(keys);
}

function namePerson(payload: JWTPayload, nameClaim: string | undefined): string {
  const names = (nameClaim === undefined ? NAME_CLAIMS : [nameClaim, 'sub']).map((claim) => payload[claim]);
  return String(names.find((name) => typeof name === 'string' && name !== '')).slice(0, MAX_NAME);
}

/** The message alone: an error of jose holds the token's claims. */
function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
