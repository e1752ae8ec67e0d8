import { basename, dirname } from 'node:path';
import type { SourceEnvironment } from '../transcripts/source-types.js';

/**
 * Where clients' files are looked for below a folder that the user names: it may be a home folder, or the folder in which one
 * client keeps its data.
 */
export function placesBelow(folder: string, { platform }: SourceEnvironment): SourceEnvironment[] {
  // These two clients have no variable for the folder itself.
  const parentOf = (name: string) => (basename(folder) === name ? dirname(folder) : folder);
  const asOwnFolder = {
    CLAUDE_CONFIG_DIR: folder,
    CODEX_HOME: folder,
    GEMINI_CLI_HOME: parentOf('.gemini'),
    CLINE_DIR: folder,
    XDG_DATA_HOME: parentOf('opencode'),
  };
  return [
    { home: folder, platform, variables: {} },
    { home: folder, platform, variables: asOwnFolder },
  ];
}
