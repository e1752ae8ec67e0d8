import { LRUCache } from 'lru-cache';
import type { ProjectIndex } from './project-index.js';
import type { PassageRow } from './read-passages.js';

/** Passages of all projects that are in memory: about 2 KB each. */
const MAX_HELD_PASSAGES = 120_000;
const MAX_PROJECTS = 64;
/** A project with more gone passages than present ones, and this many more, is read again. */
const MIN_GONE = 1_000;

/** The projects in memory, whole or while they are read; the one that was searched longest ago leaves first. */
export interface ProjectCache {
  /** @returns null where it is not there, or not whole */
  find(projectId: string): ProjectIndex | null;
  has(index: ProjectIndex): boolean;
  add(index: ProjectIndex): void;
  remove(projectId: string): void;
  clear(): void;
  isEmpty(): boolean;
  /** Passages that were changed, and what they are now: those without a row are gone. */
  replace(ids: readonly number[], rows: readonly PassageRow[]): void;
  /** Drops other projects until all have room. @returns false when this one alone has none: it is dropped too */
  makeRoom(index: ProjectIndex): boolean;
}

/** @param maxPassages in all projects together; tests lower it */
export function createProjectCache(maxPassages = MAX_HELD_PASSAGES): ProjectCache {
  const projects = new LRUCache<string, ProjectIndex>({ max: MAX_PROJECTS });

  return {
    find(projectId) {
      const index = projects.get(projectId);
      return index?.isWhole ? index : null;
    },
    has: (index) => projects.peek(index.projectId) === index,
    add: (index) => void projects.set(index.projectId, index),
    remove: (projectId) => void projects.delete(projectId),
    clear: () => projects.clear(),
    isEmpty: () => projects.size === 0,
    replace(ids, rows) {
      for (const index of projects.values()) for (const id of ids) index.remove(id);
      for (const row of rows) projects.peek(row.projectId)?.put(row);
      for (const { projectId, passages, totals } of [...projects.values()]) {
        if (passages.length > 2 * totals.passages + MIN_GONE) projects.delete(projectId);
      }
    },
    makeRoom(index) {
      const isFull = () => [...projects.values()].reduce((sum, { totals }) => sum + totals.passages, 0) > maxPassages;
      for (const other of [...projects.values()].reverse()) {
        if (other !== index && isFull()) projects.delete(other.projectId);
      }
      if (!isFull()) return true;
      projects.delete(index.projectId);
      return false;
    },
  };
}
