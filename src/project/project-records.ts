import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readForeignFile } from '../files/read-foreign-file.js';
import { createFile, replaceFile } from '../files/write-new-file.js';
import { makeFolders } from '../make-folders.js';
import { type FolderStamp, isSameFolder, nameStamp } from './folder-stamp.js';
import { readStamp } from './read-stamp.js';
import type { RecordsPlace } from './resolve-project.js';

/** That a folder, or a git common directory, belongs to a project. */
export interface PlaceRecord extends FolderStamp {
  /** The project's id. */
  id: string;
  /** Where the record was written: a real path. */
  place: string;
  /** A person joined this place to a project that lives elsewhere too. */
  isLinked: boolean;
}

/** How a folder was found: it is the very folder, wherever it was, or another one at the same path. */
export interface FoundFolder {
  record: PlaceRecord;
  isSame: boolean;
}

export interface ProjectRecords {
  /** The record within a git common directory; null without one, and for one that this data folder has not written. */
  readRepository(root: string): PlaceRecord | null;
  /** What the data folder knows of a folder. */
  findFolder(path: string): FoundFolder | null;
  /**
   * Records in a git common directory that it belongs to the project. Where it can't be written nothing is, and the data
   * folder alone knows it.
   */
  writeRepository(root: string, id: string, isLinked: boolean): void;
  /**
   * Takes the records of this data folder out of a git common directory. Nothing is forgotten: the data folder knows the
   * directory itself, also where it is moved to.
   */
  withdrawRepository(root: string): void;
  /**
   * Records in the data folder to which project a folder belongs, here and wherever it is moved. Never throws.
   * @param ownsPath also another folder that is made at this path goes on as it
   */
  writeFolder(path: string, id: string, ownsPath?: boolean): void;
}

/** In the git common directory and in the data folder. */
const FOLDER = 'popstash';
/** The name of a record in a git common directory; each store has one. */
const RECORD = /^project-[0-9a-f]{16}\.json$/;
const MAX_BYTES = 16_384;
const KEY_BYTES = 32;

/**
 * Records of which project a place belongs to. Each carries a code made with a key of the data folder: one that came with a
 * repository from elsewhere, and names another project, is not believed. Of several stores each keeps its own.
 * The data folder has the key, and the records of folders.
 */
export function openProjectRecords({ dataDir, store }: RecordsPlace): ProjectRecords {
  const keyFile = join(dataDir, 'projects', 'key');
  let key: string | null = null;

  function readKey(): string | null {
    key ??= readForeignFile(keyFile, MAX_BYTES);
    return key;
  }

  function makeKey(): string {
    const known = readKey();
    if (known !== null) return known;
    makeFolders(dirname(keyFile));
    createFile(keyFile, randomBytes(KEY_BYTES).toString('hex'));
    const made = readKey();
    if (made === null) throw new Error('the key of the project records could not be read');
    return made;
  }

  const nameStore = (used: string) => hash(`${used}\n${store}`).slice(0, 16);
  const repositoryFile = (root: string, used: string) => join(root, FOLDER, `project-${nameStore(used)}.json`);
  const folderFile = (name: string, used: string) =>
    join(dataDir, 'projects', nameStore(used), `${hash(name).slice(0, 32)}.json`);

  function read(file: (used: string) => string): PlaceRecord | null {
    const used = readKey();
    const text = used === null ? null : readForeignFile(file(used), MAX_BYTES);
    return used === null || text === null ? null : decode(text, used);
  }

  return {
    readRepository: (root) => read((used) => repositoryFile(root, used)),

    findFolder(path) {
      const here = read((used) => folderFile(`path ${path}`, used));
      const stamp = readStamp(path);
      if (here) return { record: here, isSame: stamp !== null && isSameFolder(here, stamp) };
      const before = stamp && read((used) => folderFile(`folder ${nameStamp(stamp)}`, used));
      if (!before) return null;
      // Another folder took its former path, and its project with it.
      const there = read((used) => folderFile(`path ${before.place}`, used));
      return there && !isSameFolder(there, before) ? null : { record: before, isSame: true };
    },

    writeRepository(root, id, isLinked) {
      const stamp = readStamp(root);
      if (!stamp) return;
      try {
        const used = makeKey();
        const file = repositoryFile(root, used);
        // Not the folders above: a repository may be deleted at this moment. A link would lead out of it.
        if (!lstatSync(dirname(file), { throwIfNoEntry: false })) mkdirSync(dirname(file));
        if (!lstatSync(dirname(file)).isDirectory()) return;
        replaceFile(file, encode({ id, place: root, isLinked, ...stamp }, used));
      } catch {
        // A read-only repository, or one on a full disk.
      }
    },

    withdrawRepository(root) {
      const used = readKey();
      const folder = join(root, FOLDER);
      if (used === null || !lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
      for (const name of readdirSync(folder).filter((each) => RECORD.test(each))) {
        const text = readForeignFile(join(folder, name), MAX_BYTES);
        if (text !== null && decode(text, used) !== null) rmSync(join(folder, name));
      }
      if (readdirSync(folder).length === 0) rmdirSync(folder);
    },

    writeFolder(path, id, ownsPath = true) {
      const stamp = readStamp(path);
      if (!stamp) return;
      try {
        const used = makeKey();
        const byFolder = folderFile(`folder ${nameStamp(stamp)}`, used);
        const byPath = folderFile(`path ${path}`, used);
        const before = read(() => byFolder);
        const text = encode({ id, place: path, isLinked: false, ...stamp }, used);
        makeFolders(dirname(byPath));
        if (ownsPath) replaceFile(byPath, text);
        replaceFile(byFolder, text);
        if (before && before.place !== path) forgetPath(before, used);
      } catch {
        // A data folder that can't be written: ids follow from paths, as without records.
      }
    },
  };

  /** The folder has left this path: a folder that is made there now is another one. */
  function forgetPath(before: PlaceRecord, used: string): void {
    const file = folderFile(`path ${before.place}`, used);
    const there = read(() => file);
    if (there && isSameFolder(there, before)) rmSync(file, { force: true });
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function prove(record: PlaceRecord, key: string): string {
  const { id, place, isLinked, inode, device, born } = record;
  return createHmac('sha256', key)
    .update(JSON.stringify([id, place, isLinked, inode, device, born]))
    .digest('hex');
}

function encode(record: PlaceRecord, key: string): string {
  return `${JSON.stringify({ ...record, proof: prove(record, key) })}\n`;
}

function decode(text: string, key: string): PlaceRecord | null {
  let said: Partial<PlaceRecord & { proof: string }> | null;
  try {
    said = JSON.parse(text) as typeof said;
  } catch {
    return null;
  }
  if (typeof said !== 'object' || said === null) return null;
  const { id, place, isLinked, inode, device, born, proof } = said;
  const texts = [id, place, inode, device, born, proof];
  if (!texts.every((value): value is string => typeof value === 'string') || typeof isLinked !== 'boolean') return null;
  const [knownId = '', knownPlace = '', knownInode = '', knownDevice = '', knownBorn = '', said64 = ''] = texts;
  const record = { id: knownId, place: knownPlace, isLinked, inode: knownInode, device: knownDevice, born: knownBorn };
  const expected = Buffer.from(prove(record, key));
  const given = Buffer.from(said64);
  return given.length === expected.length && timingSafeEqual(given, expected) ? record : null;
}
