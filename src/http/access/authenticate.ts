import { timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Member } from '../../actor/member.js';
import { hashToken, readTokenId } from './token-format.js';
import type { TokenRepository } from './token-repository.js';
import type { VerifyJwt } from './verify-jwt.js';

/** A token that was found valid is asked for again after this long, in ms; one that is revoked at once. */
const KNOWN_MS = 10_000;
const MAX_KNOWN = 10_000;

/** Begins the id of a member who is known by a token; the token's id follows. */
const TOKEN_MEMBER = 'token:';

export interface Authenticator {
  /** Who sends a request, by its `Authorization` header; null for nobody. */
  identify(authorization: string | undefined): Promise<Member | null>;
  /** A token was revoked: all are asked for again. */
  forget(): void;
}

/** @param verifyJwt where an identity provider is set */
export function createAuthenticator(tokens: Pick<TokenRepository, 'find'>, verifyJwt?: VerifyJwt): Authenticator {
  const known = new LRUCache<string, Member>({ max: MAX_KNOWN, ttl: KNOWN_MS });

  async function identifyToken(token: string, id: string): Promise<Member | null> {
    const hash = hashToken(token);
    const before = known.get(hash);
    if (before) return before;
    const row = await tokens.find(id);
    if (!row || !isSame(row.hash, hash)) return null;
    const member = { id: `${TOKEN_MEMBER}${id}`, person: row.person };
    known.set(hash, member);
    return member;
  }

  return {
    async identify(authorization) {
      const bearer = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
      if (bearer === undefined) return null;
      const id = readTokenId(bearer);
      if (id !== null) return await identifyToken(bearer, id);
      return verifyJwt ? await verifyJwt(bearer) : null;
    },
    forget: () => known.clear(),
  };
}

/** Compares in constant time. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Those of these members whose tokens are valid no longer. Of an identity provider's members nothing is known between requests. */
export async function listRefusedMembers(
  tokens: Pick<TokenRepository, 'listInvalid'>,
  memberIds: readonly string[],
): Promise<Set<string>> {
  const ids = memberIds.flatMap((id) => (id.startsWith(TOKEN_MEMBER) ? [id.slice(TOKEN_MEMBER.length)] : []));
  return new Set((await tokens.listInvalid(ids)).map((id) => `${TOKEN_MEMBER}${id}`));
}
