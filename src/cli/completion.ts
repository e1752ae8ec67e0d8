import { Argument } from 'commander';
import type { AddCommand } from './context/command-context.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const EXAMPLES = `
Examples:
  source <(popstash completion bash)                                        in ~/.bashrc
  popstash completion zsh > "\${fpath[1]}/_popstash"                         once
  popstash completion fish > ~/.config/fish/completions/popstash.fish       once`;

export const addCompletion: AddCommand = (program, context) => {
  program
    .command('completion')
    .description('Print what lets a shell complete commands, options and their values')
    .addArgument(new Argument('<shell>', 'whose').choices(SHELLS))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: (typeof SHELLS)[number]) => {
      const [{ listCompletions }, { completionScripts }] = await Promise.all([
        import('./help/list-completions.js'),
        import('./help/completion-scripts.js'),
      ]);
      context.writeText(completionScripts[shell](listCompletions(program)));
    });
};
