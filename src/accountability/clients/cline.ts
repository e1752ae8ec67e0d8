import { basename, join } from 'node:path';
import { listFilesBelow } from '../transcripts/list-files.js';
import type { ClientSource, SourceEnvironment } from '../transcripts/source-types.js';
import { readSession } from './cline-sessions.js';
import { readTask } from './cline-tasks.js';

const TASK = 'ui_messages.json';

/** Where editors keep the data of extensions. */
function listRoots({ home, platform, variables }: SourceEnvironment): string[] {
  const configs = {
    darwin: join(home, 'Library', 'Application Support'),
    win32: variables.APPDATA || join(home, 'AppData', 'Roaming'),
  } as Readonly<Record<string, string>>;
  const config = configs[platform] ?? (variables.XDG_CONFIG_HOME || join(home, '.config'));
  const editors = ['Code', 'Code - Insiders', 'VSCodium', 'Cursor', 'Windsurf'].map((name) =>
    join(config, name, 'User'),
  );
  const servers = ['.vscode-server', '.cursor-server'].map((name) => join(home, name, 'data', 'User'));
  const storages = [...editors, ...servers].map((user) => join(user, 'globalStorage', 'saoudrizwan.claude-dev'));
  const data = join(variables.CLINE_DIR || join(home, '.cline'), 'data');
  return [...storages.map((root) => join(root, 'tasks')), join(data, 'tasks'), join(data, 'sessions')];
}

/** The extension keeps tasks, the command line sessions; each is one document that is rewritten as it grows. */
export const cline: ClientSource = {
  client: 'cline',
  async listFiles(environment) {
    const paths = await listFilesBelow(listRoots(environment), /(^|[\\/])ui_messages\.json$|\.messages\.json$/);
    return paths.map((path) => ({ client: 'cline', path, format: 'document' }));
  },
  document: {
    read: (document, saved, file) =>
      basename(file.path) === TASK ? readTask(document, saved, file) : readSession(document, saved, file),
  },
};
