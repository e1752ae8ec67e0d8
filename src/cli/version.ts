import { findPackage } from '../package-root.js';
import type { AddCommand } from './context/command-context.js';

const EXAMPLES = `
Example:
  popstash version --json    for a report of a fault`;

export const addVersion: AddCommand = (program, context) => {
  program
    .command('version')
    .description('Print the version of PopStash, of Node and of the system, and where this PopStash is')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', EXAMPLES)
    .action((options: { json?: boolean }) => {
      const { version, root } = findPackage();
      const { versions, platform, arch } = process;
      const answer = { version, node: versions.node, platform, arch, folder: root };
      context.write(
        options.json
          ? JSON.stringify(answer)
          : `popstash ${version}, Node ${versions.node}, ${platform} ${arch}, in ${root}`,
      );
    });
};
