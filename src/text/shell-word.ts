/** A text as one word of a POSIX shell's command line, for commands that people copy. */
export function shellWord(text: string): string {
  if (/^[\w./@-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}
