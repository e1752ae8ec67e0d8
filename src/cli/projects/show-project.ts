import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import { humanAge } from '../../text/age.js';
import { askServer } from '../context/ask-server.js';
import type { AddSubcommand } from '../context/command-context.js';
import { oneLine } from '../output/show-text.js';
import { readProjectName } from './project-name.js';

export const addProjectShow: AddSubcommand = (projects, context) => {
  projects
    .command('show [project]')
    .description('One project, this one by default: where it is, what it has, and what is asked about it')
    .option('--json', 'print the answer as JSON')
    .action(async (project: string | undefined, { json }: { json?: boolean }) => {
      const name = project === undefined ? null : readProjectName(project);
      const answer = await askServer(context, 'showProject', { name });
      context.write(json ? JSON.stringify(answer) : describe(answer).join('\n'));
    });
};

function describe({ project, rootCommits, remote, twin }: AdminAnswer<'showProject'>): string[] {
  const { id, root, name, memories, agents, requests, lastActive } = project;
  return [
    `${id}${name === null ? '' : `  ${oneLine(name)}`}`,
    `  place     ${oneLine(root.replace(/[\\/]\.git$/, ''))}`,
    `  memories  ${memories}`,
    `  agents    ${agents} connected`,
    `  requests  ${requests} in the ledger`,
    ...(lastActive === null ? [] : [`  active    ${humanAge(lastActive, new Date())}`]),
    ...(remote === null ? [] : [`  remote    ${oneLine(remote)}`]),
    ...(rootCommits.length === 0
      ? []
      : [`  commits   begin with ${rootCommits.map((commit) => commit.slice(0, 12)).join(', ')}`]),
    ...(twin === null
      ? []
      : [
          `It may be one with ${twin.id} (${oneLine(twin.name ?? twin.root)}, ${twin.memories} memories).`,
          'If so, run popstash projects link in its folder; if not, popstash projects link --separate.',
        ]),
  ];
}
