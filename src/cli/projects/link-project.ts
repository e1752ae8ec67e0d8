import { AppError } from '../../errors.js';
import { askServer } from '../context/ask-server.js';
import type { AddSubcommand, CommandContext } from '../context/command-context.js';
import { describeJoined } from './describe-joined.js';
import { readProjectName } from './project-name.js';

interface LinkOptions {
  separate?: boolean;
  json?: boolean;
}

export const addLink: AddSubcommand = (projects, context) => {
  projects
    .command('link [project]')
    .description('Join the project of this folder to another one, by default to the one that it was asked about')
    .option('--separate', 'they are two: nobody is asked again')
    .option('--json', 'print the answer as JSON')
    .action(async (project: string | undefined, { separate, json }: LinkOptions) => {
      if (separate) return await keepSeparate(context, project, json);
      const name = project === undefined ? null : readProjectName(project);
      const answer = await askServer(context, 'linkProject', { name });
      context.write(json ? JSON.stringify(answer) : describeJoined(answer));
    });
};

async function keepSeparate(context: CommandContext, project: string | undefined, json?: boolean): Promise<void> {
  if (project !== undefined) {
    throw new AppError({
      code: 'invalid_argument',
      message: '--separate is about the project of this folder and takes no other one.',
      fix: 'Run popstash projects link --separate in the folder.',
    });
  }
  const answer = await askServer(context, 'separateProject');
  context.write(json ? JSON.stringify(answer) : `Project ${answer.id} keeps a memory of its own.`);
}
