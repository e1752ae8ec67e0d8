import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type PlainGit, plainGit } from './plain-git.js';
import type { Random } from './random.js';

/** A worktree of the history; its path changes when it is moved. */
export interface Tree {
  folder: string;
  git: PlainGit;
  isGone: boolean;
}

/**
 * A history of a repository that grows by random steps. Each branch changes files of its own alone, so that no step
 * conflicts; each commit adds a line that nothing else adds.
 */
export interface RandomHistory {
  trees: Tree[];
  /** Takes one step in one of the worktrees. */
  step(): void;
  pickTree(): Tree;
  /** Names of files that a note written there could name: most of them exist. */
  pickFiles(tree: Tree): string[];
  checkOutForAsking(tree: Tree): void;
}

const LINES = 12;
const SHARED = ['src/main.ts', 'src/util.ts', 'docs/guide.md'];

export function startHistory(root: string, random: Random): RandomHistory {
  let serial = 0;
  const next = () => {
    serial += 1;
    return serial;
  };
  const main = openTree(join(root, 'main'));
  const trees = [main];
  const { git } = main;

  const fresh = (name: string) => Array.from({ length: LINES }, (_, i) => `${name} line ${i} of ${next()}\n`).join('');
  function write(tree: Tree, path: string, text: string): void {
    mkdirSync(dirname(join(tree.folder, path)), { recursive: true });
    writeFileSync(join(tree.folder, path), text);
  }
  function commit(tree: Tree, message: string): void {
    tree.git('add', '-A');
    tree.git('commit', '-q', '--allow-empty', '-m', `${message} ${next()}`);
  }
  const branches = () => git('for-each-ref', '--format=%(refname:short)', 'refs/heads').split('\n');
  const features = () => branches().filter((name) => name !== 'main');
  const held = () => new Set(trees.filter((tree) => !tree.isGone).map(branchOf));
  /** Files that only this branch changes. */
  const filesOf = (tree: Tree): string[] => {
    const own = branchOf(tree).split('-on-')[0];
    const listed = tree
      .git('ls-files')
      .split('\n')
      .filter((path) => existsSync(join(tree.folder, path)));
    return listed.filter((path) =>
      own === 'main' || own === '' ? SHARED.some((name) => path.startsWith(name)) : path.startsWith(`${own}/`),
    );
  };

  mkdirSync(main.folder, { recursive: true });
  git('init', '-q', '-b', 'main');
  write(main, '.gitignore', '*.log\n');
  write(main, 'build.log', 'ignored\n');
  for (const path of SHARED) write(main, path, fresh(path));
  for (const name of ['f0', 'f1', 'f2', 'f3']) {
    for (const file of ['a.ts', 'b.ts', 'c.md']) write(main, `${name}/${file}`, fresh(`${name}/${file}`));
  }
  commit(main, 'first');

  /** Runs in the worktree that has main, with nothing uncommitted. */
  function onMain(work: () => void): void {
    clean(main);
    git('checkout', '-q', 'main');
    work();
  }
  function clean(tree: Tree): void {
    tree.git('reset', '-q', '--hard');
    tree.git('clean', '-fdq');
  }
  /** A feature branch that no worktree has checked out; null when there is none. */
  function pickFree(): string | null {
    const free = features().filter((name) => !held().has(name));
    return free.length > 0 ? random.pick(free) : null;
  }
  const changeFile = (tree: Tree): void => {
    const files = filesOf(tree);
    const path =
      files.length > 0 && random.chance(0.8)
        ? random.pick(files)
        : `${branchOf(tree).split('-on-')[0] || 'main'}/new${next()}.ts`;
    const isKnown = existsSync(join(tree.folder, path));
    if (branchOf(tree) === 'main' && !isKnown) write(tree, `src/util.ts.${next()}.ts`, fresh('new'));
    else if (isKnown && random.chance(0.15)) rmSync(join(tree.folder, path));
    else if (!isKnown) write(tree, path, fresh(path));
    else {
      const lines = readFileSync(join(tree.folder, path), 'utf8').split('\n');
      lines.splice(random.below(lines.length), 0, `change ${next()}`);
      writeFileSync(join(tree.folder, path), lines.join('\n'));
    }
  };

  const steps: ((tree: Tree) => void)[] = [
    (tree) => {
      changeFile(tree);
      commit(tree, 'change');
    },
    (tree) => {
      changeFile(tree);
      changeFile(tree);
      commit(tree, 'changes');
    },
    function branchOff(tree) {
      clean(tree);
      const own = random.pick(['f0', 'f1', 'f2', 'f3']);
      const isTaken = features().some((name) => name.startsWith(`${own}-`) || name === own);
      const from = isTaken ? 'HEAD' : random.pick(['main', 'HEAD']);
      // A branch of a branch goes on with the same files; a fresh one has files that no other branch has.
      const base = branchOf(tree).split('-on-')[0] ?? '';
      const name = isTaken ? `${base === '' || base === 'main' ? 'spare' : base}-on-${next()}` : `${own}-on-${next()}`;
      tree.git('checkout', '-q', '-b', name, from);
    },
    function switchBranch(tree) {
      clean(tree);
      const name = pickFree();
      if (name) tree.git('checkout', '-q', name);
    },
    () =>
      onMain(() => {
        const name = pickFree();
        if (name) git('merge', '-q', random.pick(['--no-ff', '--ff']), '-m', 'merge', name);
      }),
    () =>
      onMain(() => {
        const name = pickFree();
        if (!name) return;
        git('merge', '-q', '--squash', name);
        commit(main, 'squash');
        if (random.chance(0.5)) git('branch', '-q', '-D', name);
      }),
    () =>
      onMain(() => {
        const name = pickFree();
        if (!name || !git.ok('rebase', '-q', 'main', name)) return void git.ok('rebase', '--abort');
        git('checkout', '-q', 'main');
        if (random.chance(0.6)) git('merge', '-q', '--ff-only', name);
      }),
    () =>
      onMain(() => {
        const name = pickFree();
        if (!name) return;
        const commits = git('rev-list', '--reverse', '--no-merges', `main..${name}`).split('\n').filter(Boolean);
        const chosen = random.chance(0.5) ? commits : commits.slice(0, 1);
        for (const id of chosen) {
          if (!git.ok('cherry-pick', id)) {
            git.ok('cherry-pick', '--abort');
            break;
          }
          if (random.chance(0.2)) {
            appendFileSync(join(main.folder, 'src/main.ts'), `altered ${next()}\n`);
            git('commit', '-q', '-a', '--amend', '--no-edit');
          }
        }
        if (random.chance(0.3)) git('branch', '-q', '-D', name);
      }),
    () =>
      onMain(() => {
        const target = random.pick(git('rev-list', '-8', '--no-merges', 'main').split('\n'));
        if (!git.ok('revert', '--no-edit', target)) git.ok('revert', '--abort');
      }),
    function rename(tree) {
      const files = filesOf(tree);
      if (files.length === 0) return;
      const path = random.pick(files);
      tree.git('mv', path, `${path}.${next()}.ts`);
      if (random.chance(0.7)) commit(tree, 'rename');
    },
    function amend(tree) {
      changeFile(tree);
      tree.git('add', '-A');
      if (branchOf(tree) !== '') tree.git('commit', '-q', '--amend', '--allow-empty', '-m', `amended ${next()}`);
    },
    function mergeMain(tree) {
      clean(tree);
      if (branchOf(tree) !== 'main') tree.git('merge', '-q', '-m', 'main', 'main');
    },
    function deleteBranch() {
      const name = pickFree();
      if (name) git('branch', '-q', '-D', name);
    },
    function addTree() {
      if (trees.filter(({ isGone }) => !isGone).length > 2) return;
      const tree = openTree(join(root, `tree${next()}`));
      const name = pickFree();
      const args = name ? [tree.folder, name] : ['-b', `f${random.below(4)}-on-${next()}`, tree.folder, 'main'];
      git('worktree', 'add', '-q', ...args);
      trees.push(tree);
    },
    function removeTree(tree) {
      if (tree === main || random.chance(0.5)) return;
      git('worktree', 'remove', '--force', tree.folder);
      tree.isGone = true;
    },
    function moveTree(tree) {
      if (tree === main) return;
      const folder = join(root, `moved${next()}`);
      git('worktree', 'move', tree.folder, folder);
      Object.assign(tree, openTree(folder));
    },
    (tree) => {
      const files = filesOf(tree);
      if (files.length > 0) appendFileSync(join(tree.folder, random.pick(files)), `uncommitted ${next()}\n`);
    },
    (tree) => {
      const files = filesOf(tree);
      if (files.length > 0)
        utimesSync(join(tree.folder, random.pick(files)), new Date(), new Date(Date.now() + 60_000));
    },
    function detach(tree) {
      clean(tree);
      tree.git('checkout', '-q', '--detach');
    },
    () => git('pack-refs', '--all'),
    () => {
      if (!random.chance(0.1)) return;
      git('reflog', 'expire', '--expire=now', '--all');
      git('gc', '-q', '--prune=now');
    },
  ];

  const pickTree = () => random.pick(trees.filter(({ isGone }) => !isGone));
  return {
    trees,
    step() {
      const tree = pickTree();
      try {
        random.pick(steps)(tree);
      } catch {
        // What git refuses or can't merge is undone; the history goes on.
        for (const each of trees.filter(({ isGone }) => !isGone)) {
          for (const what of ['merge', 'rebase', 'cherry-pick', 'revert']) each.git.ok(what, '--abort');
          each.git('reset', '-q', '--hard');
        }
      }
    },
    pickTree,
    pickFiles(tree) {
      const listed = ['src/nowhere.ts', ...tree.git('ls-files').split('\n').filter(Boolean)];
      const some = Array.from({ length: random.below(4) }, () => random.pick(listed));
      return [...some, ...(random.chance(0.2) ? ['build.log'] : [])];
    },
    checkOutForAsking(tree) {
      clean(tree);
      const free = [...features(), 'main'].filter((name) => !held().has(name));
      if (free.length > 0 && random.chance(0.6)) tree.git('checkout', '-q', random.pick(free));
    },
  };
}

/** The branch that is checked out, empty for none: read without a process, since each step asks it of every worktree. */
function branchOf({ folder }: Tree): string {
  const entry = join(folder, '.git');
  const gitDir = statSync(entry).isDirectory() ? entry : readFileSync(entry, 'utf8').replace(/^gitdir: |\n$/g, '');
  return /^ref: refs\/heads\/(.+)\n$/.exec(readFileSync(join(gitDir, 'HEAD'), 'utf8'))?.[1] ?? '';
}

function openTree(folder: string): Tree {
  return { folder, git: plainGit(folder), isGone: false };
}
