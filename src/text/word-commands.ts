const NAMES =
  'mcp|up|down|status|logs|doctor|init|uninstall|projects|search|list|show|edit|forget|restore|export|import|backup|' +
  'restore-backup|timeline|costs|locks|serve|tokens|migrate|worker|dashboard|hook|guard|eval|version|reader|statusline|completion|--help';
/** A command as texts name it. What is part of a path, of a package's name or of another word is none. */
const COMMAND = new RegExp(`(?<![\\w/.@:-])popstash (?=(?:${NAMES})(?![\\w-]))`, 'g');

/**
 * A text of ours whose commands are those that work here: texts name `popstash doctor`, but the program may be on no PATH.
 * @param words that start the program, as a shell takes them
 */
export function wordCommands(text: string, words: () => string): string {
  return text.includes('popstash ') ? text.replace(COMMAND, () => `${words()} `) : text;
}
