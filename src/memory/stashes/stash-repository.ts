import type { Pool } from 'pg';
import type { Actor } from '../../actor/actor.js';
import { isLive, isUnexpired } from '../../db/live-rows.js';
import { type AuthorFacts, SELECT_AUTHOR } from '../authors/author-facts.js';
import { countWrong } from '../feedback/marks-sql.js';
import { selectOrigin } from '../origins/origin-repository.js';
import type { MemoryOrigin } from '../origins/origin-types.js';
import { activityCte, CUT_PASSAGE_IDS, passageCtes } from '../passages/write-sql.js';
import { REPLACED, type ReplacedVersion, replacedCtes, toReplaced } from '../versions/replaced-sql.js';

export interface NewStash {
  id: string;
  name: string;
  summary: string;
  files: string[];
  metadata: Record<string, unknown>;
  ttlDays: number | null;
}

export interface SavedStash {
  id: string;
  name: string;
  version: number;
  createdAt: Date;
  expiresAt: Date | null;
  /** The version this one replaced, when it is of another agent and says something else. */
  replaced: ReplacedVersion | null;
  passageIds: string[];
}

export interface StashRow {
  id: string;
  name: string;
  version: number;
  summary: string;
  files: string[];
  metadata: Record<string, unknown>;
  /** Sessions that marked it wrong. */
  wrongSessions: number;
  /** Where it was saved, as far as that was noted. */
  origin: MemoryOrigin | null;
  createdBy: string | null;
  author: AuthorFacts | null;
  sessionId: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  /** The database's clock at the time of reading. */
  now: Date;
}

export type StashRepository = ReturnType<typeof createStashRepository>;

const SAVE = `WITH old AS (
    UPDATE stashes SET superseded_by = $2, superseded_at = now()
    WHERE project_id = $1 AND fold_name(name) = fold_name($3) AND ${isLive()}
    RETURNING id, version, name AS label, summary AS text, (summary, files) IS DISTINCT FROM ($4, $5::text[]) AS differs,
      created_by, created_at
  ), after_old AS (
    SELECT count(*) FROM old
  ), written AS (
    INSERT INTO stashes (id, project_id, name, version, summary, files, metadata, expires_at, created_by, session_id)
    SELECT $2, $1, $3, 1 + coalesce((SELECT max(version) FROM stashes WHERE project_id = $1 AND fold_name(name) = fold_name($3)), 0), $4, $5, $6,
           now() + make_interval(secs => $7::float8 * 86400), $8, $9
    FROM after_old
    RETURNING *, stash_search_text(name, summary, files) AS body
  ), ${passageCtes('stash')}, ${activityCte('stash', 'w.name')},
  ${replacedCtes('stash', '$8', 'left($4, 200)')}
  SELECT w.id, w.name, w.version, w.created_at, w.expires_at, ${CUT_PASSAGE_IDS}, ${REPLACED} FROM written w`;

// Lists as JSON: the driver reads arrays of text character by character.
const READ = `SELECT s.id, s.name, s.version, s.summary, to_json(s.files) AS files, s.metadata, s.created_by AS "createdBy", ${SELECT_AUTHOR},
    s.session_id AS "sessionId", s.created_at AS "createdAt", s.expires_at AS "expiresAt", now() AS now,
    ${countWrong('s.id')} AS "wrongSessions", ${selectOrigin('s.id')}
  FROM stashes s LEFT JOIN agents a ON a.id = s.created_by
  WHERE s.project_id = $1 AND s.forgotten_at IS NULL AND ${isUnexpired('s.')}`;

/** The parameters of SAVE. */
function saveValues(actor: Actor, { id, name, summary, files, metadata, ttlDays }: NewStash): unknown[] {
  const { projectId, agentId, sessionId } = actor;
  return [projectId, id, name, summary, files, JSON.stringify(metadata), ttlDays, agentId, sessionId];
}

export function createStashRepository(pool: Pool) {
  return {
    /** Saves a stash as the newest version of its name, with passages and activity, in one statement. */
    async save(actor: Actor, stash: NewStash): Promise<SavedStash> {
      const { rows } = await pool.query({
        name: 'stash_save',
        text: SAVE,
        values: saveValues(actor, stash),
      });
      const row = rows[0];
      return {
        id: row.id,
        name: row.name,
        version: row.version,
        createdAt: row.created_at,
        expiresAt: row.expires_at,
        replaced: toReplaced(row.replaced),
        passageIds: row.passage_ids,
      };
    },

    async findRecentEqual(actor: Actor, stash: Omit<NewStash, 'id'>): Promise<SavedStash | null> {
      const { rows } = await pool.query(
        `SELECT id, name, version, created_at, expires_at FROM stashes
         WHERE project_id = $1 AND name = $2 AND summary = $3 AND files = $4
           AND ${isLive()} AND created_at > now() - interval '10 minutes'`,
        [actor.projectId, stash.name, stash.summary, stash.files],
      );
      const row = rows[0];
      return row
        ? {
            id: row.id,
            name: row.name,
            version: row.version,
            createdAt: row.created_at,
            expiresAt: row.expires_at,
            replaced: null,
            passageIds: [],
          }
        : null;
    },

    /** The newest live stash that an agent of this worktree saved, or that was saved in this session. */
    async findNewestOf(projectId: string, worktree: string, sessionId: string | null): Promise<StashRow | null> {
      const { rows } = await pool.query<StashRow>({
        name: 'stash_newest_of',
        text: `${READ} AND s.superseded_by IS NULL AND (a.worktree = $2 OR s.session_id = $3)
          ORDER BY s.created_at DESC LIMIT 1`,
        values: [projectId, worktree, sessionId],
      });
      return rows[0] ?? null;
    },

    /** The live stash of exactly this name, else of this name in another case or Unicode form; or the given version, superseded or not. */
    async findByName(projectId: string, name: string, version: number | null): Promise<StashRow | null> {
      const { rows } = await pool.query<StashRow>({
        name: 'stash_by_name',
        text: `${READ} AND fold_name(s.name) = fold_name($2)
          AND CASE WHEN $3::bigint IS NULL THEN s.superseded_by IS NULL ELSE s.version = $3 END
          ORDER BY s.name = $2 DESC, s.version DESC, s.created_at DESC LIMIT 1`,
        values: [projectId, name, version],
      });
      return rows[0] ?? null;
    },

    async findByIds(projectId: string, ids: readonly string[]): Promise<StashRow[]> {
      const { rows } = await pool.query<StashRow>({
        name: 'stash_by_ids',
        text: `${READ} AND s.id = ANY($2)`,
        values: [projectId, ids],
      });
      return rows;
    },

    /** Versions that exist of a name, newest first: what `version` may ask for. */
    async listVersions(projectId: string, name: string): Promise<number[]> {
      const { rows } = await pool.query<{ version: number }>(
        `SELECT DISTINCT version FROM stashes WHERE project_id = $1 AND fold_name(name) = fold_name($2) AND forgotten_at IS NULL
         ORDER BY version DESC LIMIT 20`,
        [projectId, name],
      );
      return rows.map((row) => row.version);
    },

    async listRecentNames(projectId: string, limit: number, prefix = ''): Promise<string[]> {
      const { rows } = await pool.query<{ name: string }>({
        name: 'stash_recent_names',
        text: `SELECT name FROM stashes WHERE project_id = $1 AND ${isLive()}
            AND ${isUnexpired()} AND starts_with(lower(name), lower($3)) ORDER BY created_at DESC LIMIT $2`,
        values: [projectId, limit, prefix],
      });
      return rows.map((row) => row.name);
    },
  };
}
