import { chownSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openProjectIdentities } from '../../../src/project/project-identities.js';
import { identifyProject } from '../../../src/project/resolve-project.js';

const top = realpathSync(mkdtempSync(join(tmpdir(), 'ps-identities-')));
afterAll(() => rmSync(top, { recursive: true, force: true }));

const warnings: string[] = [];
const open = (dataDir: string, databaseUrl?: string) =>
  openProjectIdentities({ dataDir: join(top, dataDir), databaseUrl }, {
    warn: (facts: { folder: string }) => warnings.push(facts.folder),
  } as never);

let serial = 0;
function createPlace(isRepository = false): string {
  serial += 1;
  const place = join(top, `place-${serial}`);
  mkdirSync(place);
  if (!isRepository) return place;
  for (const folder of ['.git/objects', '.git/refs']) mkdirSync(join(place, folder), { recursive: true });
  writeFileSync(join(place, '.git', 'HEAD'), 'ref: refs/heads/main\n');
  return place;
}

describe('the project of a folder', () => {
  it('follows from its path where nothing is recorded, as in stores of before', async () => {
    const [plain, repository] = [createPlace(), createPlace(true)];
    const { resolve } = open('none');
    expect((await resolve(plain, undefined)).id).toBe(identifyProject(plain));
    expect((await resolve(repository, undefined)).id).toBe(identifyProject(join(repository, '.git')));
  });

  it('is that of the nearest recorded folder above, but never the home folder or that of temporary files', async () => {
    const identities = open('above');
    const place = createPlace();
    mkdirSync(join(place, 'a', 'b'), { recursive: true });
    for (const folder of [top, tmpdir(), place])
      await identities.records.writeFolder(realpathSync(folder), `proj_of ${folder}`);
    const within = await identities.resolve(join(place, 'a', 'b'), undefined, top);
    expect(within).toMatchObject({ id: `proj_of ${place}`, root: place, worktree: place });
    const elsewhere = createPlace();
    expect((await identities.resolve(elsewhere, undefined, top)).id).toBe(identifyProject(elsewhere));
  });

  it('stays when the folder is renamed, and does not go to a new one at its path', async () => {
    const identities = open('renamed');
    const place = createPlace();
    await identities.records.writeFolder(place, 'proj_first');
    renameSync(place, `${place}-moved`);
    mkdirSync(place);
    await identities.records.writeFolder(`${place}-moved`, 'proj_first');
    expect((await identities.resolve(`${place}-moved`, undefined)).id).toBe('proj_first');
    expect((await identities.resolve(place, undefined)).id).toBe(identifyProject(place));
  });
});

describe('a record in a repository', () => {
  it('belongs to the store that wrote it: another data folder and another database have their own', async () => {
    const repository = createPlace(true);
    const root = join(repository, '.git');
    const stores = [open('one'), open('two'), open('one', 'postgres://u:p@db:1/x'), open('one', 'postgres://db:1/y')];
    for (const [index, { records }] of stores.entries()) await records.writeRepository(root, `proj_${index}`, false);
    expect(await Promise.all(stores.map(async ({ resolve }) => (await resolve(repository, undefined)).id))).toEqual([
      'proj_0',
      'proj_1',
      'proj_2',
      'proj_3',
    ]);
    expect((await open('one', 'postgres://other:user@db:1/x').resolve(repository, undefined)).id).toBe('proj_2');
  });

  it('moves with it, and is not believed in a copy', async () => {
    const { records, resolve } = open('moves');
    const repository = createPlace(true);
    await records.writeRepository(join(repository, '.git'), 'proj_it', false);
    renameSync(repository, `${repository}-moved`);
    expect((await resolve(`${repository}-moved`, undefined)).id).toBe('proj_it');
    await records.writeRepository(join(`${repository}-moved`, '.git'), 'proj_it', false);
    expect(await records.readRepository(join(`${repository}-moved`, '.git'))).toMatchObject({ id: 'proj_it' });
  });
});

it.runIf(process.getuid?.() === 0)('a repository of another user is refused, and that is said once', async () => {
  const repository = createPlace(true);
  mkdirSync(join(repository, 'within'));
  chownSync(join(repository, '.git'), 12_345, 12_345);
  const { resolve } = open('refused');
  for (const folder of [repository, join(repository, 'within')]) {
    expect(await resolve(folder, undefined)).toMatchObject({ isRepository: false, refused: repository });
  }
  expect(warnings).toEqual([repository]);
});
