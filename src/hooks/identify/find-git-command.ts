import { readChains } from './process-tree.js';

/** Options of git itself whose value is a word of its own. */
const WITH_VALUE = new Set(['-c', '-C', '--git-dir', '--work-tree', '--namespace', '--exec-path', '--config-env']);
/** Commands that bring what was made elsewhere. */
const IMPORTS = new Set(['fetch', 'pull', 'clone', 'receive-pack', 'fetch-pack', 'remote', 'bundle', 'svn', 'p4']);

/** The command of git that runs this process's hook, such as `commit`; null where that can't be told. */
export async function findGitCommand(pid: number): Promise<string | null> {
  const [chain = []] = await readChains([pid]);
  for (const { command } of chain.slice(1)) {
    const name = readGitCommand(command);
    if (name !== null) return name;
  }
  return null;
}

/** Whether a command of git brings commits that were made elsewhere, into refs of here. */
export function isImport(command: string | null): boolean {
  return command !== null && IMPORTS.has(command);
}

/** The command in a command line of git; null when it is another program's. */
function readGitCommand(words: readonly string[]): string | null {
  const program =
    (words[0] ?? '')
      .replaceAll('\\', '/')
      .split('/')
      .at(-1)
      ?.replace(/\.exe$/i, '') ?? '';
  if (program.startsWith('git-')) return program.slice('git-'.length);
  if (program !== 'git') return null;
  for (let at = 1; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (WITH_VALUE.has(word)) at += 1;
    else if (!word.startsWith('-')) return word;
  }
  return null;
}
