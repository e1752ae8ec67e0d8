import { AppError } from '../../errors.js';
import { askServer } from '../context/ask-server.js';
import type { AddSubcommand } from '../context/command-context.js';
import { oneLine } from '../output/show-text.js';
import { readProjectName } from './project-name.js';

export const addForget: AddSubcommand = (projects, context) => {
  projects
    .command('forget <project>')
    .description('Delete all that a project has stored, for good; its costs stay in the ledger')
    .option('--force', 'it can not be taken back: say that you mean it')
    .option('--json', 'print the answer as JSON')
    .action(async (project: string, { force, json }: { force?: boolean; json?: boolean }) => {
      const name = readProjectName(project);
      if (!force) throw await isNotMeant(name);
      const answer = await askServer(context, 'forgetProject', { name });
      const { id, root } = answer.project;
      context.write(
        json ? JSON.stringify(answer) : `Deleted ${answer.memories} memories of project ${id} (${oneLine(root)}).`,
      );
    });

  /** Names what would be lost. */
  async function isNotMeant(name: string): Promise<AppError> {
    const { project } = await askServer(context, 'showProject', { name });
    return new AppError({
      code: 'invalid_argument',
      message:
        `Project ${project.id} (${oneLine(project.name ?? project.root)}) has ${project.memories} memories; ` +
        'all of them, their versions and its timeline would be deleted for good. Nothing was deleted.',
      fix: `popstash export keeps a copy. Then: popstash projects forget ${project.id} --force`,
    });
  }
};
