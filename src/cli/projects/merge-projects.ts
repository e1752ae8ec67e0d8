import { askServer } from '../context/ask-server.js';
import type { AddSubcommand } from '../context/command-context.js';
import { describeJoined } from './describe-joined.js';
import { readProjectName } from './project-name.js';

export const addMerge: AddSubcommand = (projects, context) => {
  projects
    .command('merge <from> <into>')
    .description('Move all of one project to another: memories, agents, tasks, locks and costs')
    .option('--json', 'print the answer as JSON')
    .action(async (from: string, into: string, { json }: { json?: boolean }) => {
      const params = { from: readProjectName(from), into: readProjectName(into) };
      const answer = await askServer(context, 'mergeProjects', params);
      context.write(json ? JSON.stringify(answer) : describeJoined(answer));
    });
};
