import type { Pool } from 'pg';

/** A token as people see it: without what it is. */
export interface TokenFacts {
  id: string;
  person: string;
  createdAt: Date;
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  /** It has not been revoked, and has not expired. */
  isValid: boolean;
}

export type TokenRepository = ReturnType<typeof createTokenRepository>;

const IS_VALID = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())';
const FACTS = `id, person, created_at AS "createdAt", expires_at AS "expiresAt", last_used_at AS "lastUsedAt",
  revoked_at AS "revokedAt", ${IS_VALID} AS "isValid"`;

/** Access tokens. Server processes hear `tokens` when one is revoked. */
export function createTokenRepository(pool: Pick<Pool, 'query'>) {
  return {
    /** @param expiresInSeconds null: it does not expire */
    async add(token: {
      id: string;
      hash: string;
      person: string;
      expiresInSeconds: number | null;
    }): Promise<TokenFacts> {
      const { rows } = await pool.query<TokenFacts>(
        `INSERT INTO access_tokens (id, hash, person, expires_at)
         VALUES ($1, $2, $3, now() + make_interval(secs => $4)) RETURNING ${FACTS}`,
        [token.id, token.hash, token.person, token.expiresInSeconds],
      );
      const [row] = rows;
      if (!row) throw new Error('an INSERT with RETURNING returned no row');
      return row;
    },

    /** All of them, the newest first. */
    async list(): Promise<TokenFacts[]> {
      const { rows } = await pool.query<TokenFacts>(`SELECT ${FACTS} FROM access_tokens ORDER BY created_at DESC, id`);
      return rows;
    },

    /** Revokes the token of this id, or all valid ones of this person. @returns those that it has revoked */
    async revoke(name: string): Promise<TokenFacts[]> {
      const { rows } = await pool.query<TokenFacts>(
        `WITH revoked AS (
           UPDATE access_tokens SET revoked_at = now() WHERE (id = $1 OR person = $1) AND revoked_at IS NULL RETURNING *
         ), told AS (SELECT pg_notify('popstash', 'tokens') FROM revoked LIMIT 1)
         SELECT ${FACTS}, (SELECT count(*) FROM told) AS told FROM revoked`,
        [name],
      );
      return rows;
    },

    /** Those of these tokens that are revoked, expired or unknown. */
    async listInvalid(ids: readonly string[]): Promise<string[]> {
      if (ids.length === 0) return [];
      const { rows } = await pool.query<{ id: string }>({
        name: 'token_list_invalid',
        text: `SELECT id FROM unnest($1::text[]) AS asked (id)
          WHERE NOT EXISTS (SELECT FROM access_tokens t WHERE t.id = asked.id AND ${IS_VALID})`,
        values: [ids],
      });
      return rows.map(({ id }) => id);
    },

    /** A valid token's person and hash; null for one that is revoked, expired or unknown. Notes its use. */
    async find(id: string): Promise<{ person: string; hash: string } | null> {
      const { rows } = await pool.query<{ person: string; hash: string }>({
        name: 'token_find',
        text: `WITH used AS (
            UPDATE access_tokens SET last_used_at = now()
            WHERE id = $1 AND ${IS_VALID} AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute'))
          SELECT person, hash FROM access_tokens WHERE id = $1 AND ${IS_VALID}`,
        values: [id],
      });
      return rows[0] ?? null;
    },
  };
}
