import { listRepositoryFiles, readRepositoryFile } from './repository-files.js';

/** A command that a document names. */
export interface DocumentedCommand {
  document: string;
  /** As it is written, without a prompt or a comment. */
  text: string;
}

const FENCE = /^```(?:sh|bash)?\n([\s\S]*?)^```/gm;
const ANY_FENCE = /^(```|~~~)[\s\S]*?^\1/gm;
const CODE = /`((?:[A-Z_]+=\S+ )*(?:npx )?(?:popstash|npm) [^`\n]+)`/g;
const COMMAND = /^(?:[A-Z_]+=\S+ )*(?:npx (?:-y )?)?(?:popstash|npm) /;

/** All commands of PopStash and npm in the documents: in blocks for a shell, and in the text. */
export function listDocumentedCommands(): DocumentedCommand[] {
  const documents = listRepositoryFiles().filter((path) => path.endsWith('.md') && !path.startsWith('test/fixtures/'));
  return documents.flatMap((document) => {
    const text = readRepositoryFile(document);
    const blocks = [...text.matchAll(FENCE)].flatMap(([, body = '']) => body.split('\n'));
    const inline = [...text.replace(ANY_FENCE, '').matchAll(CODE)].map(([, code = '']) => code);
    return [...blocks, ...inline]
      .flatMap((line) => line.split(/ && |; | \| /))
      .map((line) => line.replace(/\s+#.*$|\s+\([^)]*\)$/, '').trim())
      .filter((line) => COMMAND.test(line))
      .map((line) => ({ document, text: line.replace(/[.,;:]$/, '') }));
  });
}

/** The words of a command of PopStash: `[--flag X]` is taken as given; null for what is none. */
export function readPopstashWords(text: string): string[] | null {
  const [, command] = /^(?:[A-Z_]+=\S+ )*(?:npx (?:-y )?)?popstash (.*)$/.exec(text) ?? [];
  if (command === undefined) return null;
  const words = command.replaceAll(/[[\]]/g, '').match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  const end = words.findIndex((word) => /^[<>|]/.test(word));
  return words.slice(0, end < 0 ? undefined : end).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}
