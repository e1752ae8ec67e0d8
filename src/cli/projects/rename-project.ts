import { AppError } from '../../errors.js';
import { askServer } from '../context/ask-server.js';
import type { AddSubcommand } from '../context/command-context.js';
import { oneLine } from '../output/show-text.js';
import { readProjectName } from './project-name.js';

/** As the server takes it (src/mcp/admin/project-protocol.ts). */
const MAX_TITLE_CHARS = 100;

export const addRename: AddSubcommand = (projects, context) => {
  projects
    .command('rename <project> <name>')
    .description('Give a project a name that lists show and commands take; an empty one takes it away')
    .option('--json', 'print the answer as JSON')
    .action(async (project: string, name: string, { json }: { json?: boolean }) => {
      const title = name.trim();
      if (title.length > MAX_TITLE_CHARS) throw isTooLong();
      const params = { name: readProjectName(project), title: title === '' ? null : title };
      const answer = await askServer(context, 'renameProject', params);
      const called = answer.name === null ? 'has no name' : `is called ${oneLine(answer.name)}`;
      context.write(json ? JSON.stringify(answer) : `Project ${answer.id} ${called} now.`);
    });
};

function isTooLong(): AppError {
  return new AppError({
    code: 'invalid_argument',
    message: `A project's name has at most ${MAX_TITLE_CHARS} characters.`,
    fix: 'Choose a shorter one.',
  });
}
