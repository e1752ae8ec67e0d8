/** The shells that command lines are written for: a POSIX shell, or the command prompt of Windows. */
export type Shell = 'posix' | 'cmd';

/**
 * Words as one command line, for a client, a script or a person to run.
 * Not by a library: shescape quotes for the shell that it finds on this machine at run time, and throws for one that it
 * does not know; these lines are run later, by others, and git's hooks by a POSIX shell on Windows too.
 * @param shell this platform's, if left out
 */
export function shellCommand(words: readonly string[], shell: Shell = hostShell()): string {
  return words.map((word) => quoteWord(word, shell)).join(' ');
}

function quoteWord(text: string, shell: Shell): string {
  if (/^[\w@+:,./-][\w@+=:,./-]*$/.test(text)) return text;
  return shell === 'cmd' ? quoteForCmd(text) : `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * A program takes `\"` for a quote, and two backslashes before a quote for one (CommandLineToArgvW). cmd itself replaces
 * %NAME% within quotes too: each % is put outside the quotes, behind a caret.
 */
function quoteForCmd(text: string): string {
  const escaped = text.replace(/(\\*)("|%|$)/g, (_match, slashes: string, next: string) => {
    return `${slashes}${slashes}${next === '"' ? '\\"' : next === '%' ? '"^%"' : ''}`;
  });
  return `"${escaped}"`;
}

function hostShell(): Shell {
  return process.platform === 'win32' ? 'cmd' : 'posix';
}
