import { spawnSync } from 'node:child_process';

const ENV = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 't',
  GIT_AUTHOR_EMAIL: 't@example.invalid',
  GIT_COMMITTER_NAME: 't',
  GIT_COMMITTER_EMAIL: 't@example.invalid',
  GIT_EDITOR: 'true',
};

export interface PlainGit {
  /** What it prints, without the last line end. @throws Error when it fails */
  (...args: string[]): string;
  /** What it prints, whether it succeeds or not. */
  said(...args: string[]): string;
  /** Whether it succeeds. */
  ok(...args: string[]): boolean;
  /** What it prints when it reads this. */
  feed(input: string, ...args: string[]): string;
}

/** Git as a person runs it in a folder. */
export function plainGit(cwd: string): PlainGit {
  const run = (args: string[], input = '') =>
    spawnSync('git', ['-c', 'gc.auto=0', ...args], { cwd, env: ENV, input, encoding: 'utf8', maxBuffer: 1e8 });
  const must = (args: string[], input?: string): string => {
    const { status, stdout, stderr } = run(args, input);
    if (status !== 0) throw new Error(`git ${args.join(' ')} in ${cwd}: ${stderr}${stdout}`);
    return stdout.replace(/\n$/, '');
  };
  return Object.assign((...args: string[]) => must(args), {
    said: (...args: string[]) => run(args).stdout,
    ok: (...args: string[]) => run(args).status === 0,
    feed: (input: string, ...args: string[]) => must(args, input),
  });
}
