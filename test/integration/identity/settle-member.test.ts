import { beforeAll, describe, expect, it } from 'vitest';
import { type MemberFolder, settleMember } from '../../../src/identity/settle-member.js';
import { identifyProject } from '../../../src/project/resolve-project.js';
import { createTestDatabase, type TestDatabase } from '../../support/setup/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});

/** A clone of a team's repository in the same folder of each machine, as containers have it. */
function clone(change: Partial<MemberFolder> & { history?: MemberFolder['history'] } = {}): MemberFolder {
  const root = '/workspace/app/.git';
  return {
    place: { id: identifyProject(root), root, isKnown: true, isNamed: false, isRepository: true },
    history: { rootCommits: ['a'.repeat(40)], remote: 'github.com/team/app' },
    isRecorded: false,
    host: 'laptop-a',
    memberId: 'token:a',
    ...change,
  };
}

const settle = (folder: MemberFolder) => settleMember(database.pool, folder);

describe('the project of a place on a member’s machine', () => {
  it('is one for all clones with the same first commit and remote', async () => {
    const id = await settle(clone());
    expect(await settle(clone({ host: 'laptop-b', memberId: 'token:b' }))).toBe(id);
    expect(await settle(clone({ history: { rootCommits: null, remote: 'github.com/team/app' } }))).toBe(id);
  });

  it('is another one for another repository at the same path of another machine', async () => {
    const id = await settle(clone());
    const other = { rootCommits: ['b'.repeat(40)], remote: 'github.com/team/other' };
    const fork = { rootCommits: ['c'.repeat(40)], remote: 'github.com/team/app' };
    const alone = { rootCommits: ['d'.repeat(40)], remote: null };
    const ids = [
      await settle(clone({ history: other })),
      await settle(clone({ history: fork })),
      await settle(clone({ history: alone })),
      await settle(clone({ history: alone, host: 'laptop-b' })),
      await settle(clone({ history: alone, memberId: 'token:b' })),
    ];
    expect(new Set([id, ...ids]).size).toBe(6);
  });

  it('stays what is recorded, and follows a project that was joined to another one', async () => {
    const id = await settle(clone());
    const moved = clone({
      history: { rootCommits: ['a'.repeat(40)], remote: 'github.com/team/renamed' },
      isRecorded: true,
    });
    expect(await settle({ ...moved, place: { ...moved.place, id } })).toBe(id);
    const into = await settle(clone({ history: { rootCommits: ['e'.repeat(40)], remote: 'github.com/team/big' } }));
    await database.pool.query('SELECT move_project($1, $2)', [id, into]);
    expect(await settle({ ...moved, place: { ...moved.place, id } })).toBe(into);
  });

  it('is the name that POPSTASH_PROJECT gives it', async () => {
    const place = { id: identifyProject('shop'), root: 'shop', isKnown: true, isNamed: true, isRepository: true };
    expect(await settle(clone({ place }))).toBe(identifyProject('shop'));
  });
});
