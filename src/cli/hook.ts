import { formats } from '../hooks/clients/formats/format-list.js';
import { PLUGIN_FLAG } from '../hooks/install/launcher/launcher-path.js';
import type { AddCommand } from './context/command-context.js';

interface HookOptions {
  client?: string;
  dataDir?: string;
  project?: string;
  plugin?: boolean;
}

/** For the help: src/bin/main.ts runs hooks without the command line, since an agent's edit waits for them. */
const EXAMPLES = `
Example:
  echo '{"tool_name":"Edit","tool_input":{"file_path":"/p/a.ts"}}' | popstash hook pre-tool-use`;

export const addHook: AddCommand = (program, { env }) => {
  program
    .command('hook')
    .description("Tell the running server what an agent is about to do: what a client's hooks run")
    .argument(
      '<event>',
      'pre-tool-use, post-tool-use, session-start, session-end, prompt-submit, stop or subagent-stop',
    )
    .option(
      '--client <name>',
      `${formats.map(({ name }) => name).join(', ')}: whose payload is on stdin, and in whose format the verdict is written (default: the first)`,
    )
    .option('--data-dir <dir>', 'of the server that is asked')
    .option('--project <name>', 'as POPSTASH_PROJECT')
    .option(
      '--plugin',
      "a client's plugin has brought the hook: it does nothing where the client's settings have it too",
    )
    .addHelpText('after', EXAMPLES)
    .action(async (event: string, { client, dataDir, project, plugin }: HookOptions) => {
      const { runHook } = await import('../hooks/ask/run-hook.js');
      const flags = Object.entries({ '--client': client, '--data-dir': dataDir, '--project': project });
      const words = flags.flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
      await runHook(env, [event, ...words, ...(plugin ? [PLUGIN_FLAG] : [])]);
    });
};
