const MAX_OUTPUT = 64 * 1024 * 1024;

/** What git prints. @throws Error when it fails */
export function runGit(cwd: string, args: readonly string[], options: GitOptions = {}): string {
  // Loaded only here: the hook of an edit asks no git.
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  return execFileSync('git', args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...options,
  });
}

export interface GitOptions {
  input?: string;
  /** In ms. */
  timeout?: number;
  env?: Record<string, string | undefined>;
}

export function hasCommit(cwd: string, name: string): boolean {
  try {
    runGit(cwd, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
    return true;
  } catch {
    return false;
  }
}

/** Names that git printed with -z. */
export function splitNames(output: string): string[] {
  return output.split('\0').filter((name) => name !== '');
}
