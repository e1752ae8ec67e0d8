import type { Environment } from '../../config.js';

/** Variables in which clients tell the servers that they start which folder is open; of a list, the first one. */
const FOLDER_VARIABLES = ['CLAUDE_PROJECT_DIR', 'CURSOR_PROJECT_DIR', 'WORKSPACE_FOLDER_PATHS', 'GEMINI_PROJECT_DIR'];

/** The folder that a client has open, as the environment of its server names it. */
export function readClientFolder(env: Environment): string | undefined {
  const value = FOLDER_VARIABLES.map((name) => env[name]).find((folder) => folder !== undefined && folder !== '');
  return value?.split(',')[0]?.trim();
}
