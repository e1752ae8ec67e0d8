import { dirname, isAbsolute, join, parse, relative, sep } from 'node:path';
import { detectCaseFolding } from '../../globs/detect-case-folding.js';
import { GlobError } from '../../globs/glob-error.js';
import { HAS_SPECIAL, lookUp, normalizePattern } from '../../globs/normalize-pattern.js';
import type { Pattern } from '../../globs/pattern-types.js';
import type { Workplace } from '../../project/resolve-project.js';
import { chooseBoard, type Place } from './choose-board.js';
import { listInnerRepositories, reachInto } from './inner-repositories.js';
import { checkPathLength } from './list-ancestors.js';
import type { PlacedPattern } from './lock-types.js';
import { placeFile, realFolder, toSlashes } from './place-file.js';
import { showPath } from './show-path.js';

/** Folders deeper than this are not looked up. */
const MAX_LOOKED_UP = 64;

/**
 * Finds what a path or glob stands for: it is read from the speaker's own folder, links in its literal part are followed,
 * and it belongs to the innermost repository that this part leads to. A file that is a link stands for its target too, a
 * glob also for what it matches in repositories within.
 * @throws GlobError for what is no pattern, or leads to no project
 */
export function placePattern(text: string, speaker: Workplace): PlacedPattern[] {
  const composed = text.normalize('NFC');
  const written = sep === '\\' ? composed.replaceAll('\\', '/') : composed;
  if (!speaker.isKnown && !isAbsolute(written)) throw hasNoFolder(speaker.folder);
  const { path, rest, isFolder } = readLiteralPart(written, chooseBase(written, speaker));
  if (rest === null && !isFolder) {
    const files = placeFile(path, speaker);
    if (files.length === 0) throw leadsNowhere(speaker);
    for (const { fault } of files) if (fault) throw new GlobError(fault.problem, fault.fix);
    return files.map(({ pattern }) => pattern);
  }
  // `a/!b` is a name, `!b` a negation, wherever the speaker stands.
  if (rest?.startsWith('!') && written.startsWith('!')) normalizePattern(rest, globOptions(speaker.worktree));
  const folder = realFolder(path);
  const place = chooseBoard(folder, speaker);
  if (!place) throw leadsNowhere(speaker);
  const { worktree } = place;
  const lead = toSlashes(relative(worktree, folder));
  const pattern = normalizePattern(`${lead === '' ? '' : `${lead}/`}${rest ?? '**'}`, globOptions(worktree));
  const inner = listInnerRepositories(folder).flatMap((repository): PlacedPattern[] => {
    const within = reachInto(pattern, toSlashes(relative(worktree, repository)), detectCaseFolding(worktree));
    const innerPlace = within === null ? null : chooseBoard(repository, speaker);
    return within === null || !innerPlace
      ? []
      : [placeGlob(normalizePattern(within, globOptions(repository)), innerPlace, speaker)];
  });
  return [placeGlob(pattern, place, speaker), ...inner];
}

function placeGlob(pattern: Pattern, place: Place, speaker: Workplace): PlacedPattern {
  checkPathLength(place.worktree, pattern.literalPrefix);
  return { ...pattern, ...place, shown: showPath(place.worktree, pattern.pattern, speaker), isNew: false };
}

function globOptions(worktree: string) {
  return { worktree, foldsCase: detectCaseFolding(worktree) };
}

/**
 * Where a relative path begins: in the speaker's own folder. Answers name files from the top of the worktree: a path that
 * begins as the speaker's folder does there, and that is not in that folder, is such a one.
 */
function chooseBase(text: string, { folder, worktree }: Workplace): string {
  if (isAbsolute(text) || folder === worktree) return folder;
  const [first = ''] = text.split('/');
  const [own = ''] = toSlashes(relative(worktree, folder)).split('/');
  return first === own && lookUp(folder, first) === null ? worktree : folder;
}

interface LiteralPart {
  /** Absolute, not yet without links. */
  path: string;
  /** What follows, beginning with a segment that is a glob; null when the whole text is literal. */
  rest: string | null;
  /** The whole text is literal and names a folder, which means all that is in it. */
  isFolder: boolean;
}

/** The leading part without special characters; a name that exists is meant literally, whatever its characters. */
function readLiteralPart(text: string, base: string): LiteralPart {
  const segments = text.split('/');
  let path = isAbsolute(text) ? parse(text).root : base;
  for (const [index, segment] of segments.entries()) {
    if (segment === '' || segment === '.' || (index === 0 && isAbsolute(text))) continue;
    if (segment === '..') path = dirname(path);
    else if (HAS_SPECIAL.test(segment) && (index >= MAX_LOOKED_UP || lookUp(path, segment) === null)) {
      return { path, rest: segments.slice(index).join('/'), isFolder: false };
    } else path = join(path, segment);
  }
  const endsAsFolder = ['', '.', '..'].includes(segments.at(-1) ?? '');
  return { path, rest: null, isFolder: endsAsFolder || lookUp(path, '') === 'folder' };
}

function leadsNowhere({ worktree, isKnown }: Workplace): GlobError {
  return new GlobError(
    isKnown ? `leads out of the project at ${worktree} and into no other repository` : 'is in no repository',
    'Give the path of a file in the project, such as src/app.ts.',
  );
}

function hasNoFolder(folder: string): GlobError {
  return new GlobError(
    `is relative, and the client started PopStash in ${folder} without telling the project's folder`,
    'Give absolute paths. For good: ask the user to open the client in the project, or to set "cwd" to the ' +
      "project's folder in the client's MCP entry of popstash, and to restart it.",
  );
}
