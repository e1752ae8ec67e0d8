import { findPackage } from '../package-root.js';
import type { AddCommand } from './context/command-context.js';

export const addVersion: AddCommand = (program, context) => {
  program
    .command('version')
    .description('Print the version of PopStash and of Node')
    .option('--json', 'print the answer as JSON')
    .action((options: { json?: boolean }) => {
      const { version } = findPackage();
      const node = process.versions.node;
      context.write(options.json ? JSON.stringify({ version, node }) : `popstash ${version}, Node ${node}`);
    });
};
