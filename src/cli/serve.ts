import type { Environment } from '../config.js';
import type { AddCommand } from './context/command-context.js';

interface ServeOptions {
  http?: boolean;
  host?: string;
  port?: string;
}

const EXAMPLES = `
Examples:
  popstash serve    to see its log; popstash logs shows that of one in the background
  DATABASE_URL=postgres://… popstash serve --http    for a team`;

export const addServe: AddCommand = (program, { env }) => {
  program
    .command('serve')
    .description('Serve a team over HTTP (--http); without it, be the local server in the foreground')
    .option('--http', 'serve agents, hooks and guards of a team by HTTP (server mode, with tokens)')
    .option('--host <address>', 'to listen on, as POPSTASH_HTTP_HOST (default: 127.0.0.1)')
    .option('--port <number>', 'to listen on, as POPSTASH_HTTP_PORT (default: 4420)')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ServeOptions) => {
      if (options.http) {
        const { runHttpServer } = await import('../app/http/run-http-server.js');
        await runHttpServer(withOptions(env, options), (url) => {
          process.stderr.write(`PopStash for a team: ${url}; tokens: popstash tokens create NAME\n`);
        });
        process.exit(0);
      }
      const { runLocalServer } = await import('../app/run-server.js');
      process.exit(await runLocalServer(env));
    });
};

function withOptions(env: Environment, { host, port }: ServeOptions): Environment {
  return {
    ...env,
    ...(host !== undefined && { POPSTASH_HTTP_HOST: host }),
    ...(port !== undefined && { POPSTASH_HTTP_PORT: port }),
  };
}
