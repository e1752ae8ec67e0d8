import type { AddCommand } from '../context/command-context.js';

const EXAMPLES = `
Examples:
  popstash backup ~/backups/popstash-2026-11-26      a folder that is not there yet
  popstash restore-backup ~/backups/popstash-2026-11-26

In server mode the database is yours to back up: pg_dump --format=custom "$DATABASE_URL" > popstash.dump`;

export const addBackup: AddCommand = (program, context) => {
  program
    .command('backup <folder>')
    .description('Copy the embedded store, all projects and costs, into a new folder, while agents go on working')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string, options: { json?: boolean }) => {
      const [{ refuseServerMode }, { askServer }, { resolve }] = await Promise.all([
        import('./refuse-server-mode.js'),
        import('../context/ask-server.js'),
        import('node:path'),
      ]);
      refuseServerMode(context.env, 'pg_dump --format=custom "$DATABASE_URL" > popstash.dump');
      const path = resolve(folder);
      const { bytes } = await askServer(context, 'backup', { folder: path });
      context.write(
        options.json
          ? JSON.stringify({ folder: path, bytes })
          : `Backed up ${(bytes / 1e6).toFixed(1)} MB to ${path}; popstash restore-backup brings it back.`,
      );
    });
};
