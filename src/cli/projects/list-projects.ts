import type { AdminAnswer } from '../../mcp/admin/admin-protocol.js';
import { humanAge } from '../../text/age.js';
import { askServer } from '../context/ask-server.js';
import type { AddSubcommand } from '../context/command-context.js';

export const addProjectList: AddSubcommand = (projects, context) => {
  projects
    .command('list', { isDefault: true })
    .description('All projects of this store, the one that was active last first')
    .option('--json', 'print the answer as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const answer = await askServer(context, 'listProjects');
      if (json) context.write(JSON.stringify(answer));
      else context.write((await describe(answer, context.width)).join('\n'));
    });
};

async function describe({ own, projects }: AdminAnswer<'listProjects'>, width: number): Promise<string[]> {
  if (projects.length === 0) return ['Nothing is stored yet.'];
  const [{ alignColumns }, { oneLine }] = await Promise.all([
    import('../output/write-columns.js'),
    import('../output/show-text.js'),
  ]);
  const now = new Date();
  const rows = projects.map(({ id, root, name, memories, agents, lastActive, twinId }) => [
    `${id === own ? '*' : ' '} ${id}`,
    memories === 1 ? '1 memory' : `${memories} memories`,
    agents === 0 ? '' : agents === 1 ? '1 agent' : `${agents} agents`,
    lastActive === null ? '' : humanAge(lastActive, now),
    oneLine(name ?? ''),
    oneLine(root.replace(/[\\/]\.git$/, '')),
    twinId === null ? '' : `one with ${twinId}? popstash projects link`,
  ]);
  return alignColumns(rows, width, { whole: 0, path: 5 });
}
