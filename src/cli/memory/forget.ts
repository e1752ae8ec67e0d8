import type { AddCommand } from '../context/command-context.js';

const EXAMPLES = `
Examples:
  popstash forget insight_k3v0q8x2m1t7b5ra --reason "no longer true"
  popstash restore insight_k3v0q8x2m1t7b5ra     brings it back, within 30 days`;

export const addForget: AddCommand = (program, context) => {
  program
    .command('forget <id>')
    .description('Take back a stash, insight or decision: it no longer answers, and can be restored for 30 days')
    .option('--reason <text>', 'why; the timeline keeps it')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, { reason = null, json }: { reason?: string | null; json?: boolean }) => {
      const [{ askServer }, { callingPerson }, { oneLine }, { writeJson }] = await Promise.all([
        import('../context/ask-server.js'),
        import('../context/calling-person.js'),
        import('../output/show-text.js'),
        import('../output/write-json.js'),
      ]);
      const answer = await askServer(context, 'forget', { id, reason, ...callingPerson() });
      const name = oneLine(answer.name);
      context.write(
        json
          ? writeJson(answer)
          : `Forgot ${answer.kind} ${id} (${name}). popstash restore ${id} brings it back within ${answer.restorableDays} days.`,
      );
    });
};
