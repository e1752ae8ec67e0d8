/**
 * Ways to bring a commit into a repository, for the guards' tests: src/held.ts is held by another agent, the branch
 * `feature` has older commits of src/held.ts and of src/free.ts, and UPSTREAM is a clone with a newer one of src/held.ts.
 * docs/enforcement.md lists the first and the last of these tables by their names.
 */
export type CommitWay = readonly [name: string, command: string];

/** An agent's command is refused; the third word is how it is given up, where something is left to give up. */
export const REFUSED: readonly (readonly [name: string, command: string, back: string])[] = [
  ['POPSTASH_GUARD=off git commit', 'echo x >> src/held.ts && POPSTASH_GUARD=off git commit -qam x', ''],
  [
    'POPSTASH_DATA_DIR=… git commit',
    'echo x >> src/held.ts && POPSTASH_DATA_DIR=/tmp/none-$$ POPSTASH_PROJECT=none git commit -qam x',
    '',
  ],
  ['git commit --no-verify', 'echo x >> src/held.ts && git commit -qnam x', ''],
  ['git commit --amend --no-verify', 'echo x >> src/held.ts && git commit -qna --amend --no-edit', ''],
  ['git cherry-pick', 'git cherry-pick feature~1', 'git cherry-pick --abort'],
  ['git cherry-pick of several commits', 'git cherry-pick feature~1 feature', 'git cherry-pick --abort'],
  ['git revert', 'git revert --no-edit HEAD~2', 'git reset --merge'],
  ['git merge', 'git merge --no-edit feature', 'git merge --abort'],
  ['git merge --no-verify', 'git merge --no-edit --no-verify feature', 'git merge --abort'],
  ['git merge --squash', 'git merge -q --squash feature && git commit -qnm squashed', ''],
  ['git rebase', 'git rebase -q main feature', 'git rebase --abort'],
  ['git rebase --apply', 'git rebase -q --apply main feature', 'git rebase --abort'],
  ['git am', 'git am -q .git/held.patch', 'git am --abort'],
  [
    'git pull with a merge',
    'echo x >> src/more.ts && git commit -qam x && git pull -q --no-rebase --no-edit UPSTREAM feature',
    'git merge --abort',
  ],
  [
    'git commit-tree and git update-ref',
    'echo x >> src/held.ts && git add -A && git update-ref refs/heads/main $(git commit-tree -p HEAD -m x $(git write-tree))',
    '',
  ],
  [
    'git commit-tree and git reset',
    'echo x >> src/held.ts && git add -A && git reset -q --soft $(git commit-tree -p HEAD -m x $(git write-tree))',
    '',
  ],
  [
    'git commit-tree and git branch',
    'echo x >> src/held.ts && git add -A && git branch made $(git commit-tree -p HEAD -m x $(git write-tree))',
    '',
  ],
  [
    'git commit-tree and git tag',
    'echo x >> src/held.ts && git add -A && git tag made $(git commit-tree -p HEAD -m x $(git write-tree))',
    '',
  ],
  [
    'git fast-import',
    "printf 'commit refs/heads/imported\\ncommitter T <t@t> 1 +0000\\ndata 1\\nx\\nM 644 inline src/held.ts\\ndata 1\\nx\\n\\n' | git fast-import --quiet",
    '',
  ],
  [
    'git commit on a HEAD without a branch',
    'git checkout -q --detach && echo x >> src/held.ts && git commit -qnam x',
    '',
  ],
];

/** No guard refuses these, nor says a word. */
export const PASSING: readonly CommitWay[] = [
  ['a fetch into a branch', 'git fetch -q UPSTREAM main:fetched && git branch -q -D fetched'],
  [
    'git pull --ff-only',
    'git checkout -q -b follow main~1 && git pull -q --ff-only UPSTREAM main && git checkout -q main && git branch -q -D follow',
  ],
  [
    'a merge that only moves on',
    'git checkout -q -b follow main~2 && git merge -q --ff-only main && git checkout -q main && git branch -q -D follow',
  ],
  ['a branch at a commit that is here', 'git branch old main~2 && git branch -q -D old'],
  ['a checkout of an old commit', 'git checkout -q feature~1 && git checkout -q main'],
  [
    'git stash of a held file',
    'echo x >> src/held.ts && git stash -q && git stash pop -q && git checkout -q src/held.ts',
  ],
  [
    'git stash branch',
    'echo x >> src/free.ts && git stash -q && git stash branch stashed && git checkout -qf main && git branch -q -D stashed',
  ],
  ['a reset to what was there before', 'git reset -q --hard HEAD~1 && git reset -q --hard ORIG_HEAD'],
  [
    'a worktree',
    'git worktree add -q ../second-worktree-$$ -b second && git worktree remove ../second-worktree-$$ && git branch -q -D second',
  ],
  ['git gc', 'git gc -q'],
  ['git pack-refs', 'git pack-refs --all'],
  ['a tag and its deletion', 'git tag -a -m x named && git tag -d named'],
  ['a rename of a branch', 'git branch -m feature renamed && git branch -m renamed feature'],
  ['a commit of a free file', 'echo x >> src/free.ts && git commit -qam free'],
  [
    'a new message for a commit of a file that was free',
    'git checkout -qb again feature~1 && git commit -q --amend -m other && git checkout -q main && git branch -q -D again',
  ],
  [
    'a rebase that moves what was committed before',
    'git checkout -qb moved feature~2 && echo new > src/new.ts && git add -A && git commit -qm base && git rebase -q moved feature && git checkout -q main && git branch -q -D moved',
  ],
  [
    'a merge of what one side alone changed',
    'git checkout -qb side main~2 && echo x > src/side.ts && git add -A && git commit -qm side && git merge -q --no-edit main && git checkout -q main && git branch -q -D side',
  ],
  ['an empty commit', 'git commit -q --allow-empty -m nothing'],
  ['notes', 'git notes add -m x && git notes remove'],
];

/** By these an agent gets a held file into its branch all the same. */
export const GAPS: readonly CommitWay[] = [
  ['git -c core.hooksPath=… commit', 'echo x >> src/held.ts && git -c core.hooksPath=/dev/null commit -qam x'],
  [
    'git stash and git reset to it',
    'echo x >> src/held.ts && git stash -q && git reset -q --hard stash@{0} && git stash drop -q',
  ],
  [
    'git update-ref of a ref that is no branch, and git reset to it',
    'echo x >> src/held.ts && git add -A && made=$(git commit-tree -p HEAD -m x $(git write-tree)) && ' +
      'git update-ref refs/other/made $made && git reset -q --hard $made && git update-ref -d refs/other/made',
  ],
  [
    "a program that writes git's files itself",
    'echo x >> src/held.ts && git add -A && echo $(git commit-tree -p HEAD -m x $(git write-tree)) > .git/refs/heads/main',
  ],
  [
    'git commit in another clone, and git pull from it',
    'clone=$(mktemp -d)/c && git clone -q . $clone && cd $clone && git config user.name C && git config user.email c@c.invalid ' +
      '&& echo x >> src/held.ts && git commit -qam x && cd - > /dev/null && git pull -q --ff-only $clone main',
  ],
  ['git merge of what the other side alone changed', 'git fetch -q UPSTREAM main && git merge -q --no-edit FETCH_HEAD'],
];
