// Reads the examples of CONTRIBUTING.md and applies them to a copy of the repository.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One file of an example: a new one, or changed lines of one that is there. */
export interface RecipeFile {
  /** The heading that it stands under: `A tool`. */
  recipe: string;
  path: string;
  kind: 'new' | 'diff';
  text: string;
}

const HEADING = /^#{2,4} (.+)$/;
const FENCE = /^```(\w+) title="([^"]+)"$/;

/** Code blocks that name a file, in their order. Those of language `diff` change it, the others are it. */
export function readRecipes(markdown: string): RecipeFile[] {
  const found: RecipeFile[] = [];
  let recipe = '';
  let block: (Omit<RecipeFile, 'text'> & { lines: string[] }) | null = null;
  for (const line of markdown.split('\n')) {
    const [, language, path = ''] = FENCE.exec(line) ?? [];
    if (block && line === '```') {
      const { lines, ...rest } = block;
      found.push({ ...rest, text: `${lines.join('\n')}\n` });
      block = null;
    } else if (block) block.lines.push(line);
    else if (language) block = { recipe, path, kind: language === 'diff' ? 'diff' : 'new', lines: [] };
    else recipe = HEADING.exec(line)?.[1] ?? recipe;
  }
  return found;
}

/** @throws Error when a new file is there already, or the lines of a diff are not found exactly once */
export function applyRecipe(root: string, file: RecipeFile): void {
  const target = join(root, file.path);
  if (file.kind === 'new') {
    if (existsSync(target)) throw new Error(`${file.path} of "${file.recipe}" is there already`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, file.text);
  } else writeFileSync(target, applyDiff(readFileSync(target, 'utf8'), file));
}

/** Lines that a recipe adds to files that are there. */
export function countChangedLines(files: readonly RecipeFile[]): number {
  const diffs = files.filter(({ kind }) => kind === 'diff');
  return diffs.flatMap(({ text }) => text.split('\n')).filter((line) => line.startsWith('+')).length;
}

/** In a diff `…` stands for any text within a line, and in its new lines for the same text, in order. */
const ELISION = '…';

function applyDiff(text: string, { path, recipe, text: diff }: RecipeFile): string {
  return diff
    .split(/^@@.*\n/m)
    .filter((hunk) => hunk.trim() !== '')
    .reduce((current, hunk) => {
      const lines = hunk.replace(/\n$/, '').split('\n');
      const side = (without: string) =>
        lines
          .filter((line) => !line.startsWith(without))
          .map((line) => `${line.slice(1)}\n`)
          .join('');
      const [before, after] = [side('+'), side('-')];
      const found = [...current.matchAll(toPattern(before))];
      const [match] = found;
      if (!match || found.length > 1) {
        throw new Error(`"${recipe}": these lines are ${found.length} times in ${path}, not once:\n${before}`);
      }
      const elided = match.slice(1);
      const filled = after.replaceAll(ELISION, () => elided.shift() ?? '');
      return current.slice(0, match.index) + filled + current.slice(match.index + match[0].length);
    }, text);
}

function toPattern(lines: string): RegExp {
  const parts = lines.split(ELISION).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('(.*)')}`, 'gm');
}
